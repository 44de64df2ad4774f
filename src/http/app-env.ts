import type { Role } from "../domain/role.ts";

/** Who made the request. */
export interface Caller {
  name: string;
  role: Role;
}

export interface App {
  Bindings: Env;
  Variables: { requestId: string; caller: Caller };
}
