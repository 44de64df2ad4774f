import type { Context } from "hono";
import { type Answer, problemText } from "./api.ts";
import type { Console } from "./console-env.ts";
import { leaveNotice } from "./session.ts";

/** The form's fields as text; a field that is absent is "". */
export async function fieldsOf(c: Context<Console>): Promise<(name: string) => string> {
  const fields = await c.req.parseBody();
  return (name) => {
    const value = fields[name];
    return typeof value === "string" ? value.trim() : "";
  };
}

/** A field's whole number as the API takes it; of anything else the API says what is wrong. */
export const wholeNumber = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

/** Tells on the next page what came of an action, and goes there: to `to`, or back to where the form stood. */
export async function finish<Data>(
  c: Context<Console>,
  answer: Answer<Data>,
  done: { text: (data: Data) => string; to?: string | ((data: Data) => string) },
): Promise<Response> {
  if (!answer.ok) return problem(c, problemText(answer.problem));
  leaveNotice(c, { kind: "done", text: done.text(answer.data) });
  const { to } = done;
  return c.redirect(to === undefined ? await back(c) : typeof to === "string" ? to : to(answer.data), 303);
}

/** Says what is wrong, on the page that the form stands on. */
export async function problem(c: Context<Console>, text: string): Promise<Response> {
  leaveNotice(c, { kind: "problem", text });
  return c.redirect(await back(c), 303);
}

/** Only to a page of the console. */
async function back(c: Context<Console>): Promise<string> {
  const { origin } = new URL(c.req.url);
  const to = URL.parse((await fieldsOf(c))("back"), origin);
  const isOwn = to?.origin === origin && /^\/console(\/|$)/.test(to.pathname);
  return isOwn ? to.pathname + to.search : "/console";
}
