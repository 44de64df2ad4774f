import type { Instant } from "../../src/domain/breaker.ts";
import { type Grant, grant, type Permits, type Rate, release, slotInMs } from "../../src/domain/throttle.ts";

/** A request waits here so long at most; then it looks whether the line still runs, and comes back to its place. */
const HELD_MS = 10_000;
/** For a slot that is further away who asks waits by themselves: an object is paid for while somebody waits in it. */
const FAR_MS = 1_000;
/** A place is kept so long for who does not come back: twice as long as anybody is told to wait. */
const PLACE_KEPT_MS = 2 * HELD_MS;

interface Waiting {
  ids: string[];
  /** Who came first is served first, however often it has to come back. */
  place: number;
  answer: (granted: Grant) => void;
}

/**
 * Who waits for permits of one rate, first come, first served. A request is answered as soon as it gets a permit: nobody has to
 * ask again and again for a slot that is not free.
 */
export class PermitQueue {
  readonly #permits: Permits;
  readonly #waiting: Waiting[] = [];
  readonly #places = new Map<string, { place: number; at: Instant }>();
  #lastPlace = 0;
  /** When the queue is looked at next by itself. */
  #wakesAt = Infinity;
  #rate: Rate | null = null;
  #holdMs = 0;

  constructor(permits: Permits) {
    this.#permits = permits;
  }

  acquire(rate: Rate, holdMs: number, ids: string[]): Promise<Grant> {
    this.#rate = rate;
    this.#holdMs = holdMs;
    const place = this.#placeOf(ids);
    const inMs = slotInMs(this.#permits, rate, this.#before(place), Date.now());
    if (inMs > FAR_MS) return Promise.resolve({ permits: [], retryAfterMs: Math.min(inMs, HELD_MS) });
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#sendAway(waiting), HELD_MS);
      const answer = (granted: Grant) => {
        clearTimeout(timer);
        resolve(granted);
      };
      const waiting = { ids, place, answer };
      const before = this.#waiting.findIndex(({ place }) => place > waiting.place);
      this.#waiting.splice(before === -1 ? this.#waiting.length : before, 0, waiting);
      this.#serve();
    });
  }

  release(ids: string[]): void {
    release(this.#permits, ids);
    for (const id of ids) this.#places.delete(id);
    this.#serve();
  }

  #serve(): void {
    const rate = this.#rate;
    if (!rate) return;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const now = Date.now();
      const granted = grant(this.#permits, rate, { ids: first.ids, now, holdMs: this.#holdMs });
      if (granted.permits.length === 0) return this.#wakeAt(now + granted.retryAfterMs);
      this.#waiting.shift();
      for (const { id } of granted.permits) this.#places.delete(id);
      // Those of it that got none come back at once, to the place that they had.
      first.answer({ ...granted, retryAfterMs: 0 });
    }
  }

  #sendAway(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    waiting.answer({ permits: [], retryAfterMs: 0 });
    this.#serve();
  }

  #wakeAt(at: Instant): void {
    if (at >= this.#wakesAt) return;
    this.#wakesAt = at;
    setTimeout(
      () => {
        if (this.#wakesAt === at) this.#wakesAt = Infinity;
        this.#serve();
      },
      Math.max(1, at - Date.now()),
    );
  }

  /** How many wait who came before this place. */
  #before(place: number): number {
    const keptSince = Date.now() - PLACE_KEPT_MS;
    let before = 0;
    for (const [id, each] of this.#places) {
      if (each.at < keptSince) this.#places.delete(id);
      else if (each.place < place) before++;
    }
    return before;
  }

  #placeOf(ids: string[]): number {
    const now = Date.now();
    const place = Math.min(...ids.map((id) => this.#places.get(id)?.place ?? Infinity), this.#lastPlace + 1);
    this.#lastPlace = Math.max(this.#lastPlace, place);
    for (const id of ids) this.#places.set(id, { place, at: now });
    return place;
  }
}
