/** One safeguard, taken away. `find` stands exactly once in `file`. */
export interface Mutation {
  name: string;
  file: string;
  find: string;
  replace: string;
  /** A test file that catches it, where the simulation is not meant to. */
  test?: string;
}

/** The file's text without its safeguard. @throws when the safeguard is not where the list says: the list is out of date. */
export function mutated(source: string, { name, file, find, replace }: Mutation): string {
  if (source.split(find).length !== 2) throw new Error(`"${name}": its text stands not exactly once in ${file}.`);
  return source.replace(find, () => replace);
}
