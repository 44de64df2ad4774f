import type { CallRecord } from "../../domain/activity.ts";
import type { RateName } from "../../domain/throttle.ts";
import type { PermitActor } from "../../ports/throttle.ts";

/** Gathers calls of one turn into one; see `platform/coalesce.ts`. */
export type Coalesce = <Item, Result>(run: (items: Item[]) => Promise<Result[]>) => (item: Item) => Promise<Result>;

/** What a throttle says to one asker: begin after `waitMs`, or ask again after it. */
export interface PermitAnswer {
  granted: boolean;
  waitMs: number;
}

/** Permits of all rates for the jobs of one batch: one call of a throttle for all that ask in the same turn. */
export function createPermits(throttle: (rate: RateName) => PermitActor, coalesce: Coalesce) {
  const throttles = new Map<RateName, ReturnType<typeof gathered>>();
  const throttleOf = (rate: RateName) => {
    const known = throttles.get(rate) ?? gathered(() => throttle(rate), coalesce);
    throttles.set(rate, known);
    return known;
  };
  const releases: Promise<void>[] = [];
  return {
    acquire: (rate: RateName, id: string): Promise<PermitAnswer> => throttleOf(rate).acquire(id),
    /** A permit that cannot be given back is taken back when its time is over. */
    release: (rate: RateName, id: string, call: CallRecord | null): void => {
      releases.push(
        throttleOf(rate)
          .release({ id, call })
          .catch(() => undefined),
      );
    },
    /** Waits until all permits are given back. */
    settled: () => Promise.all(releases),
  };
}

/** A throttle whose askers of one turn ask together. */
function gathered(actor: () => PermitActor, coalesce: Coalesce) {
  return {
    acquire: coalesce(async (ids: string[]) => {
      const grant = await actor().acquire(ids);
      const delays = new Map(grant.permits.map(({ id, delayMs }) => [id, delayMs]));
      return ids.map((id): PermitAnswer => {
        const delayMs = delays.get(id);
        return delayMs === undefined
          ? { granted: false, waitMs: grant.retryAfterMs }
          : { granted: true, waitMs: delayMs };
      });
    }),
    release: coalesce(async (given: { id: string; call: CallRecord | null }[]) => {
      await actor().release(
        given.map(({ id }) => id),
        given.flatMap(({ call }) => call ?? []),
      );
      return given.map(() => undefined);
    }),
  };
}
