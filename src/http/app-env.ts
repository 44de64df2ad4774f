import type { Caller } from "../operations/sessions.ts";

export interface App {
  Bindings: Env;
  Variables: { requestId: string; caller: Caller };
}
