import type { z } from "zod";
import type { MadeCheck, ServiceCheck } from "../../contract/breaker.ts";
import { provenText, usdText, workText } from "../../wording/check.ts";
import { ESTIMATED_COST_USD, provesFailedCall } from "../../domain/check.ts";
import type { Provider } from "../../domain/fault.ts";
import { Act } from "./forms.tsx";
import { PROVIDER_NAMES } from "./words.tsx";

// What a test of a service has shown and what it has not, in words that claim nothing more.

type Check = z.infer<typeof ServiceCheck>;

/** Before a real call: what it costs. */
export const costText = (provider: Provider): string =>
  ESTIMATED_COST_USD[provider] === 0 ? "costs nothing" : `about ${usdText(ESTIMATED_COST_USD[provider])}`;

export const testLabel = (provider: Provider): string => `Test ${PROVIDER_NAMES[provider]} now`;
export const realTestLabel = (provider: Provider): string =>
  `Test ${PROVIDER_NAMES[provider]} with a real call (${costText(provider)})`;

/** The free test and the real one. */
export function TestButtons({ provider }: { provider: Provider }) {
  const action = `/console/services/${provider}/check`;
  return (
    <>
      <Act action={action} label={testLabel(provider)} />
      <Act action={action} label={realTestLabel(provider)} fields={{ paid: "yes" }} />
    </>
  );
}

/** "OpenAI answers and accepts the key." */
const shownText = (provider: Provider, proves: Check["proves"]): string =>
  `${PROVIDER_NAMES[provider]} ${provenText(provider, proves) ?? "answered; what that proves was not noted"}.`;

/** After a test that went well, and the notice of it. */
export function goodTestText({ provider, proves, paid, cost_usd: cost, latency_ms: ms }: Check): string {
  const works = proves.includes("work");
  const shown = works
    ? `${PROVIDER_NAMES[provider]} works: it ${provenText(provider, proves)}.`
    : shownText(provider, proves);
  const open = works ? "" : ` Whether it ${workText(provider)} is not proven${untried(provider, paid)}.`;
  return `${shown}${open} It took ${ms} ms and cost ${paid && cost > 0 ? usdText(cost) : "nothing"}.`;
}

/** What a test that failed may have cost. */
export const failedTestCost = ({ paid, cost_usd: cost }: Pick<Check, "paid" | "cost_usd">): string =>
  paid && cost > 0 ? ` It may have cost up to ${usdText(cost)}.` : "";

const untried = (provider: Provider, paid: boolean): string =>
  paid ? `: ${PROVIDER_NAMES[provider]} has nothing yet to try it with` : "";

/** What to do about a service whose fault stopped the line. Closing is advised only when the failed call is proven. */
export function adviceText(
  provider: Provider,
  failed: { source: string; kind: string | null },
  check: z.infer<typeof MadeCheck> | null,
): string {
  const name = PROVIDER_NAMES[provider];
  if (!check?.ok) return `find out what is wrong with ${name}, mend it, and test it here.`;
  const shown = shownText(provider, check.proves);
  if (provesFailedCall(failed, check.proves)) return `${shown} That is what had failed: close the breaker.`;
  const isCredit = failed.kind === "out_of_credit";
  const open = `Whether it ${isCredit ? "has credit" : workText(provider)} again is not proven${untried(provider, check.paid)}.`;
  const next = check.paid
    ? "Nothing more can be shown without the line:"
    : `Nothing more can be shown for free: test it with a real call (${costText(provider)}), or`;
  return `${shown} ${open} ${next} close and see: if it still fails, the line stops again at its next call.`;
}
