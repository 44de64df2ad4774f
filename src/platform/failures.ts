import type { PlatformFault } from "../domain/fault.ts";
import { InvariantError } from "../domain/invariant.ts";
import type { OwnFailure } from "../domain/own-failure.ts";
import type { BreakerActor } from "../ports/breaker.ts";
import { describeError, log } from "./log.ts";

// What D1, a queue or an actor throws is the platform's, unless it is known to be a mistake of ours. The words are those of
// the platform's documents.

/** A database that takes nothing more, whatever is asked of it. */
const FULL =
  /exceeded maximum (DB|account storage) size|maximum account storage limit|SQLITE_FULL|database or disk is full/i;
/** A file that is damaged, or tables that are not this release's. */
const UNFIT =
  /no such (table|column)|has no column named|SQLITE_(CORRUPT|NOTADB)|disk image is malformed|file is not a database/i;
/** D1 reports our own mistakes in the same form as its own. */
const MISTAKES =
  /SQLITE_(CONSTRAINT|ERROR|MISMATCH|RANGE|TOOBIG|MISUSE)|D1_(TYPE|COLUMN_NOTFOUND)|constraint failed|syntax error|too many SQL variables|wrong number of parameter bindings/i;
/** What our own code throws, and what the language throws for it. */
const OURS = [InvariantError, TypeError, RangeError, ReferenceError, SyntaxError, URIError];

/** Sorts what was thrown while we worked: it passes, it lasts until a person acts, or the mistake is ours. */
export function failureOf(error: unknown): OwnFailure {
  if (!(error instanceof Error)) return { kind: "mistake" };
  const { message } = error;
  if (FULL.test(message)) return lasting("storage_full", message, FULL_TODO);
  if (UNFIT.test(message)) return lasting("storage_failed", message, UNFIT_TODO);
  if (MISTAKES.test(message)) return { kind: "mistake" };
  const isRemote = (error as { remote?: boolean }).remote === true;
  const isOurs = !isRemote && (OURS.some((each) => error instanceof each) || error.name === "DataCloneError");
  return { kind: isOurs ? "mistake" : "passes" };
}

const FULL_TODO =
  "Andon's database is full and takes no new rows. Nothing that is saved is lost, and nothing more is bought. Delete campaigns that are no longer needed, or clean up their finished jobs; then close the breaker.";
const UNFIT_TODO =
  "Andon's database is damaged, or its tables are not those of this release. Nothing more is bought until it is mended. Apply the migrations of this release, or restore a backup; then close the breaker.";

/** The database's own words come last: they name a table or a limit, and no person. */
function lasting(kind: PlatformFault["kind"], words: string, todo: string): OwnFailure {
  const said = words.replace(/^D1_ERROR: |: SQLITE_.*$/g, "").slice(0, 200);
  return { kind: "lasts", fault: { provider: null, kind, httpStatus: null, message: `${todo} (${said})` } };
}

/** Stops the line for a failure that lasts. Of another nothing is told; an actor that is away is told by the next failure. */
export async function reportLasting(breaker: Pick<BreakerActor, "trip">, error: unknown): Promise<void> {
  const failure = failureOf(error);
  if (failure.kind !== "lasts") return;
  await breaker
    .trip({ fault: failure.fault, epoch: null, jobId: null, campaignId: null })
    .catch((again: unknown) => log("error", "failure_not_told", describeError(again)));
}
