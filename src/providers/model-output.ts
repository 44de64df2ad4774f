import { z } from "zod";
import { missingEverywhere, optionalText, TEXT_LIMITS } from "./text.ts";

const text = z.string().nullish().catch(null);
const Part = z.looseObject({ type: z.string(), text, refusal: text });
const Source = z.looseObject({ url: optionalText(TEXT_LIMITS.url), title: optionalText(TEXT_LIMITS.sourceTitle) });

/** What a model has put out, as far as it is used here; items of other kinds are left out. */
export type OutputItem =
  /** `phase` is "commentary" before it is "final_answer", where a model says it at all. */
  | { type: "message"; phase: string | null; whole: boolean; content: z.infer<typeof Part>[] }
  /** Of Perplexity. */
  | { type: "search_results"; results: z.infer<typeof Source>[] };

type Item = Record<string, unknown>;
const isItem = (value: unknown): value is Item => typeof value === "object" && value !== null && !Array.isArray(value);
const itemsIn = (value: unknown): Item[] => (Array.isArray(value) ? value.filter(isItem) : []);
const ofType = (items: Item[], type: string) => items.filter((item) => item["type"] === type);

export function outputOf(output: unknown): OutputItem[] {
  return itemsIn(output).flatMap((item): OutputItem[] => {
    switch (item["type"]) {
      case "message": {
        const phase = typeof item["phase"] === "string" ? item["phase"] : null;
        const content = itemsIn(item["content"]).flatMap((part) => Part.safeParse(part).data ?? []);
        const whole = item["status"] !== "incomplete" && item["status"] !== "failed";
        return [{ type: "message", phase, whole, content }];
      }
      case "search_results":
        return [
          {
            type: "search_results",
            results: itemsIn(item["results"]).flatMap((each) => Source.safeParse(each).data ?? []),
          },
        ];
      default:
        return [];
    }
  });
}

/** Names what a finished response lacks for its text to be looked for at all; null for a whole one. */
export function outputProblem(output: unknown): string | null {
  if (!Array.isArray(output)) return "output";
  const items = itemsIn(output);
  const messages = ofType(items, "message");
  const parts = messages.flatMap(({ content }) => itemsIn(content));
  const searches = ofType(items, "search_results");
  const sources = searches.flatMap(({ results }) => itemsIn(results));
  const lacks: [path: string, missing: string | null][] = [
    ["output", missingEverywhere(items, ["type"], 1)],
    ["output", missingEverywhere(messages, ["content"], 1)],
    ["output.content", missingEverywhere(parts, ["type"], 1)],
    ["output.content", missingEverywhere(ofType(parts, "output_text"), ["text"], 1)],
    ["output", missingEverywhere(searches, ["results"], 1)],
    ["output.results", missingEverywhere(sources, ["url", "title"])],
  ];
  const found = lacks.find(([, missing]) => missing !== null);
  return found ? found.join(".") : null;
}
