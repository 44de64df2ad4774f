import type { Caller } from "../access/sessions.ts";

export interface App {
  Bindings: Env;
  Variables: { requestId: string; caller: Caller };
}
