/** Chance that is the same every time: everything the sandbox makes up is a function of a text. */

/** FNV-1a with an avalanche at the end; unsigned 32 bits. Different salts give independent numbers. */
function hash32(text: string, salt = 0): number {
  let hash = 0x811c9dc5 ^ Math.imul(salt, 0x9e3779b1);
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** From 0 up to, but not including, 1. */
export function fraction(text: string): number {
  return hash32(text) / 2 ** 32;
}

export function pick<T>(from: readonly T[], text: string): T {
  const picked = from[hash32(text) % from.length];
  if (picked === undefined) throw new Error("random.pick: nothing to pick from");
  return picked;
}

/** `digits` hexadecimal digits, 8 from each hash. */
export function hexFrom(text: string, digits: number): string {
  let hex = "";
  for (let salt = 1; hex.length < digits; salt++) hex += hash32(text, salt).toString(16).padStart(8, "0");
  return hex.slice(0, digits);
}

/** Looks like a UUID, and is the same for the same text. */
export function uuidFrom(text: string): string {
  const hex = hexFrom(text, 30);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
}
