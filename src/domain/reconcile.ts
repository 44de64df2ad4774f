import { type BreakerState, type Instant, openedAt } from "./breaker.ts";

/** What D1's gate shows. */
export interface SeenGate {
  state: "open" | "closed";
  epoch: number;
  reason: string | null;
  /** When the watchdog last wrote that it looked. */
  lookedAt: Instant | null;
}

/** What the Breaker knows to have written there. */
export interface KnownGate {
  epoch: number;
  lookedAt: Instant;
}

type Finding = { agree: true } | Difference;
export type Difference =
  /** The Breaker has never seen this gate, and no stop is shown: it goes on from the gate's epoch. */
  | { agree: false; becomes: "closed"; epoch: number }
  /** The line stops, or stays stopped, at this epoch. `restored`: D1 tells an earlier moment than the services have seen. */
  | { agree: false; becomes: "open"; epoch: number; restored: boolean };

/**
 * Compares the Breaker with D1's gate: a database may be taken back to an earlier moment or be put in another's place, and a
 * Breaker may be new. The stop that any of them shows holds.
 */
export function compareWithGate(breaker: BreakerState, known: KnownGate, gate: SeenGate): Finding {
  const isNew = breaker.epoch === 0 && known.epoch === 0 && known.lookedAt === 0;
  const wentBack = gate.epoch < known.epoch || (gate.lookedAt ?? 0) < known.lookedAt;
  const isAhead = gate.epoch > breaker.epoch;
  if (!wentBack && !isAhead) return { agree: true };
  if (isNew && gate.state === "closed") return { agree: false, becomes: "closed", epoch: gate.epoch };
  const stopsAt = breaker.state === "open" ? breaker.epoch : breaker.epoch + 1;
  const epoch = isAhead ? nextOpen(gate.epoch) : stopsAt;
  return { agree: false, becomes: "open", epoch, restored: !isNew };
}

/** Open epochs are odd. */
const nextOpen = (epoch: number) => (epoch % 2 === 1 ? epoch : epoch + 1);

const RESTORED =
  "Andon's database was taken back to an earlier moment, or is another one. What the services have done since it does not know: before it makes a campaign at the sender or pushes one of the leads that were there, the sender is asked. Read “Restore” in docs/operations.md, then close the breaker.";
const ADOPTED =
  "The database shows a stop that the Breaker does not know: the Breaker is new, or the database another one. See that its reason is gone, then close the breaker.";

/** The breaker as it is from then on. A stop of its own keeps its incident. */
export function breakerAfter(
  finding: Difference,
  gate: SeenGate,
  before: BreakerState,
  opening: { id: string; now: Instant },
): BreakerState {
  const { epoch } = finding;
  if (finding.becomes === "closed") return { state: "closed", epoch, lastIncident: null };
  if (before.state === "open") return { state: "open", epoch, incident: { ...before.incident, epoch } };
  const fault = { provider: null, kind: "restored", httpStatus: null, message: foundText(finding, gate) } as const;
  return openedAt(epoch, fault, opening);
}

/** Why the line stands for what was found, with the gate's own words. */
export function foundText({ restored }: { restored: boolean }, gate: SeenGate): string {
  const words = gate.state === "open" && gate.reason !== null ? ` The database says: ${gate.reason}` : "";
  return `${restored ? RESTORED : ADOPTED}${words}`;
}
