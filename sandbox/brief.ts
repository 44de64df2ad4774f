import { z } from "zod";
import { hexFrom } from "./random.ts";
import { parseJson } from "./stand-in.ts";

const text = z.string().trim().min(1).nullish().catch(null);

/** The JSON that a request's `input` holds, as far as the made-up answers use it. */
const Brief = z.object({
  lead: z.object({ email: text, firstName: text, lastName: text, title: text, company: text }).catch({}),
  research: z.object({ hook: text }).catch({}),
  message: z.object({ sender_name: text, offer: text }).catch({}),
});
export type Brief = z.infer<typeof Brief>;

/** Either the text itself or a list of messages, the way both model APIs take it. */
const Input = z.union([
  z.string().min(1),
  z.array(z.object({ content: z.union([z.string(), z.array(z.object({ text: z.string().default("") }))]) })).min(1),
]);

/** What both model APIs ask of a request. `input` is the whole text of it. */
export const ModelRequest = z.object({
  model: z.string().min(1),
  input: Input.transform((input) => (typeof input === "string" ? input : input.map(messageText).join("\n"))),
  instructions: z.string().nullish(),
});

export function readBrief(input: string): Brief {
  const parsed = Brief.safeParse(parseJson(input));
  return parsed.success ? parsed.data : { lead: {}, research: {}, message: {} };
}

/** Whom a request is about: the lead's address, or a name for the text itself, so that a repetition shows. */
export function subjectOf(brief: Brief, input: string): string {
  return brief.lead.email ?? `input:${hexFrom(input, 12)}`;
}

/** About four characters a token. */
export function tokensIn(written: string): number {
  return Math.ceil(written.length / 4);
}

/** A text that was cut off. */
export function firstHalf(written: string): string {
  return written.slice(0, Math.floor(written.length / 2));
}

export function roundUsd(costUsd: number): number {
  return Math.round(costUsd * 1e6) / 1e6;
}

function messageText(message: { content: string | { text: string }[] }): string {
  return typeof message.content === "string" ? message.content : message.content.map((part) => part.text).join("\n");
}
