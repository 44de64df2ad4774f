import { hex, sha256 } from "./hash.ts";

/** A new token: its text is for whoever will use it, its hash for the row. */
export interface NewToken {
  id: string;
  /** `andon_ID_SECRET`. Known only here and now. */
  text: string;
  hash: string;
}

/** Runs in a Worker and in Node alike: the script that makes the first token uses it too. */
export async function newToken(): Promise<NewToken> {
  const id = hex(crypto.getRandomValues(new Uint8Array(8)));
  const secret = hex(crypto.getRandomValues(new Uint8Array(32)));
  const hash = hex(await sha256(secret));
  return { id, text: `andon_${id}_${secret}`, hash };
}
