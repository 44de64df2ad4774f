import type { Context } from "hono";
import { type ApiAnswer, problemText } from "./api.ts";
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

/** A field's number as the API takes it; of anything else the API says what is wrong. */
export const numberOf = (text: string): number | string =>
  text === "" || Number.isNaN(Number(text)) ? text : Number(text);

/** The page that a form stands on. */
type FormPage = (c: Context<Console>) => Promise<Response>;

/**
 * Tells on the next page what came of an action, and goes there: to `to`, or back to where the form stood. What was
 * refused is said on `page`, with all that was typed, or where the form stood.
 */
export async function finish<Data>(
  c: Context<Console>,
  answer: ApiAnswer<Data>,
  done: { text: (data: Data) => string; to?: string | ((data: Data) => string); page?: FormPage },
): Promise<Response> {
  if (!answer.ok) {
    const text = problemText(answer.problem);
    return done.page ? refuse(c, text, done.page) : problem(c, text);
  }
  leaveNotice(c, { kind: "done", text: done.text(answer.data) });
  const { to } = done;
  return c.redirect(to === undefined ? await back(c) : typeof to === "string" ? to : to(answer.data), 303);
}

/** Says what is wrong, on the form's page as it was typed. */
export async function refuse(c: Context<Console>, text: string, page: FormPage): Promise<Response> {
  c.set("typed", await fieldsOf(c));
  c.set("notice", { kind: "problem", text });
  c.status(422);
  return page(c);
}

/** Says what is wrong, on the page that the form stands on. */
export async function problem(c: Context<Console>, text: string): Promise<Response> {
  leaveNotice(c, { kind: "problem", text });
  return c.redirect(await back(c), 303);
}

/** The page that the form stood on; only one of the console. */
export async function back(c: Context<Console>): Promise<string> {
  const { origin } = new URL(c.req.url);
  const to = URL.parse((await fieldsOf(c))("back"), origin);
  const isOwn = to?.origin === origin && /^\/console(\/|$)/.test(to.pathname);
  return isOwn ? to.pathname + to.search : "/console";
}
