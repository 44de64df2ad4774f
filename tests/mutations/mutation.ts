/** One safeguard, taken away. `find` stands exactly once in `file`. */
export interface Mutation {
  name: string;
  file: string;
  find: string;
  replace: string;
  /** A test file that catches it, where the simulation is not meant to. */
  test?: string;
}
