/** What must hold does not: a mistake of our own, which no retry mends. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}
