/** Something that went wrong in a history, or that an operator did: the `index`-th decision of its kind. */
export interface Happening {
  kind: string;
  index: number;
}

/**
 * All that a history leaves to chance. Each decision is a pure function of the seed, its kind and its number, so that one
 * of them can be taken away and the others stay as they were: that is what makes a failing history shrink.
 */
export class Chance {
  readonly #seed: number;
  readonly #without: ReadonlySet<string>;
  readonly #streams = new Map<string, { hash: number; next: number }>();
  readonly happened: Happening[] = [];
  /** Set when the faults end: from then on nothing happens any more. */
  calm = false;

  constructor(seed: number, without: ReadonlySet<string> = new Set()) {
    this.#seed = seed;
    this.#without = without;
  }

  /** Evenly spread in [0, 1). */
  number(kind: string): number {
    return this.#draw(kind).value;
  }

  /** A whole number from `least` to `most`, both included. */
  between(kind: string, least: number, most: number): number {
    return least + Math.floor(this.number(kind) * (most - least + 1));
  }

  pick<Item>(kind: string, items: readonly Item[]): Item {
    return items[Math.floor(this.number(kind) * items.length)] as Item;
  }

  /** Whether a misfortune of this kind strikes now. What strikes is remembered, and can be taken away by its name. */
  strikes(kind: string, probability: number): boolean {
    const { value, index } = this.#draw(kind);
    if (this.calm || value >= probability || this.#without.has(nameOf({ kind, index }))) return false;
    this.happened.push({ kind, index });
    return true;
  }

  #draw(kind: string): { value: number; index: number } {
    let stream = this.#streams.get(kind);
    if (!stream) this.#streams.set(kind, (stream = { hash: hashText(kind, this.#seed), next: 0 }));
    const index = stream.next++;
    return { value: mix(stream.hash + Math.imul(index, 0x9e3779b1)) / 2 ** 32, index };
  }
}

export const nameOf = ({ kind, index }: Happening): string => `${kind}#${index}`;

function hashText(text: string, seed: number): number {
  let hash = mix(seed ^ 0x811c9dc5);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** Mixes all bits of a 32-bit number (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
