import { z } from "zod";
import type { Proof } from "../domain/check.ts";
import type { Answer } from "../domain/fault.ts";
import { post, type Service } from "./call.ts";
import { askToBeRefused, proven, tookNonsense } from "./checks.ts";

const FIELD = /\b(model|input|field|required|missing|parameter)\b/i;

/**
 * Asks for nothing at all. The list of models is public, so it shows nothing of the key; this call is judged after the
 * key is, and costs nothing, because no model is named.
 */
export async function checkPerplexity(service: Service): Promise<Answer<Proof>> {
  const nothing = post("https://api.perplexity.ai/v1/agent", { authorization: `Bearer ${service.key}` });
  const asked = await askToBeRefused(service, nothing, { names: FIELD, schema: z.unknown() });
  if (asked.refused) return proven(["reachable", "key"]);
  return tookNonsense(service, asked.answer);
}
