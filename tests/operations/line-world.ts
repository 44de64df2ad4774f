import { validityMs } from "../../src/domain/admission.ts";
import type { Answer } from "../../src/domain/fault.ts";
import { nothingHeld } from "../../src/operations/line/admissions.ts";
import type { Admission } from "../../src/ports/breaker.ts";
import { createLine, type LinePorts } from "../../src/operations/line/line.ts";

export const VALID_FOR_MS = 300;
const REFUSED: Admission = { admitted: false, epoch: 1, reason: { source: "operator", message: "maintenance" } };
export const ANSWERED = { outcome: "answered", value: "done", spend: {} } as const;

interface Floor {
  time: number;
  /** The epoch that the Breaker admits under. */
  epoch: number;
  /** Whether it says that a resume goes at a pace. */
  paced: boolean;
  open: boolean;
  /** When the Breaker was asked. */
  askedAt: number[];
  /** How long the Breaker takes to answer. */
  slowMs: number;
  validForMs: number;
  /** Whether its answers hold as long as the real one's. */
  far: boolean;
  /** The breaker opens after this many looks. */
  opensAfterLooks: number;
  calls: number;
}

/** A line with a stub Breaker and a throttle that lets everyone pass. Time moves only where a test moves it. */
export function aLine(changes: Partial<Floor> = {}, ports: (floor: Floor) => Partial<LinePorts> = () => ({})) {
  const floor: Floor = {
    time: 0,
    epoch: 0,
    paced: false,
    open: false,
    askedAt: [],
    slowMs: 0,
    validForMs: VALID_FOR_MS,
    far: false,
    opensAfterLooks: Infinity,
    calls: 0,
    ...changes,
  };
  const line = createLine({
    standing: async (jobs) => jobs.map(({ id }) => id),
    held: nothingHeld(),
    onLate: () => {},
    timeoutMs: () => 10_000,
    breaker: {
      async admit(roundTripMs = 0) {
        floor.askedAt.push(floor.time);
        floor.open ||= floor.askedAt.length > floor.opensAfterLooks;
        const answer = floor.open
          ? REFUSED
          : {
              admitted: true as const,
              epoch: floor.epoch,
              revision: 0,
              paced: floor.paced,
              validForMs: floor.far ? validityMs(roundTripMs) : floor.validForMs,
            };
        floor.time += floor.slowMs;
        return answer;
      },
      trip: noTrip,
    },
    throttle: () => ({
      acquire: async (ids) => ({ permits: ids.map((id) => ({ id, delayMs: 0 })), retryAfterMs: 0 }),
      release: async () => {},
    }),
    now: () => floor.time,
    wait: async (ms) => (floor.time += ms),
    newId: () => "permit-1",
    coalesce: (run) => async (item) => (await run([item])).slice(0, 1).reduce((only) => only),
    ...ports(floor),
  });
  const answer = async (): Promise<Answer<string>> => {
    floor.calls++;
    return ANSWERED;
  };
  return { line, floor, answer };
}

export async function noTrip(): Promise<never> {
  throw new Error("no service failed");
}
