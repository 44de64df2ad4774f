import type { Context } from "hono";
import type { Caller, Sessions } from "../access/sessions.ts";
import type { Api } from "./api.ts";

export interface Console {
  Bindings: Env;
  Variables: {
    caller: Caller;
    /** The secret that the browser holds of its session. */
    secret: string;
    /** What each form of this session carries. */
    formToken: string;
    /** What the last action had to say, for this page to show once. */
    notice: Notice | null;
    /** What a form held that was just refused, for its page to show again; null otherwise. */
    typed: ((name: string) => string) | null;
    api: Api;
  };
}

/** What came of an action. */
export interface Notice {
  kind: "done" | "problem";
  text: string;
}

/** What the console is wired with. */
export interface ConsolePorts {
  /** Answers a request to the API, in this same Worker, as made by this caller. */
  answer: (
    request: Request,
    caller: Caller,
    env: Env,
    context: Context["executionCtx"],
  ) => Response | Promise<Response>;
  callerOf: (env: Env, token: string, afterwards: Context["executionCtx"]) => Promise<Caller | null>;
  sessions: (env: Env) => Sessions;
  /** Whether this address may try to sign in once more, or has tried too often. */
  maySignIn: (env: Env, address: string) => Promise<boolean>;
  isSandbox: (env: Env) => boolean;
}
