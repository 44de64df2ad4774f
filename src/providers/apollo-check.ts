import { z } from "zod";
import type { Proof } from "../domain/check.ts";
import type { Answer } from "../domain/fault.ts";
import type { FindPeople } from "../ports/providers.ts";
import { ask, fault, post, refused, type Connection, type Service } from "./call.ts";
import { proven, provenBy, workProven } from "./checks.ts";
import { numeric } from "./text.ts";

export const API = "https://api.apollo.io/api/v1";

const Credits = z.looseObject({
  credit_usage_stats: z.looseObject({ lead_credit: z.looseObject({ left_over: numeric }) }),
});
const People = z.looseObject({
  people: z.array(z.looseObject({ id: z.string().nullish(), has_email: z.boolean().nullish() })),
});

export const headersOf = ({ key }: Connection) => ({ "x-api-key": key });

/** People of Apollo itself: a campaign hardly ever seeks them. */
const OWN_PEOPLE = { q_organization_domains_list: ["apollo.io"] };
/** So many pages of a hundred are known to be there. */
const PAGES = 5;
/** A search shows people whom a reveal does not find; those cost nothing. */
const REVEALS_AT_MOST = 3;

/**
 * The statistics tell the credit that is left, but need a wider key than the work does. Without it a search for free shows
 * that the key is taken.
 */
export async function checkApollo(service: Service): Promise<Answer<Proof>> {
  const headers = headersOf(service);
  const statistics = await ask(service, post(`${API}/usage_stats/credit_usage_stats`, headers), Credits);
  if (statistics.outcome === "service_fault" && statistics.fault.kind === "unauthorized" && service.key !== "") {
    const search = post(`${API}/mixed_people/api_search?page=1&per_page=1`, headers);
    return provenBy(await ask(service, search, People), ["reachable", "key"]);
  }
  if (statistics.outcome !== "answered") return statistics;
  const left = statistics.value.credit_usage_stats.lead_credit.left_over;
  return left > 0
    ? proven(["reachable", "key", "credit"])
    : fault(service, "out_of_credit", 200, `${left} credits are left`);
}

/** Finds people, and reveals one whom no earlier call is likely to have revealed, for one credit. */
export async function tryOutApollo(
  service: Service,
  apollo: Pick<FindPeople, "search" | "reveal">,
): Promise<Answer<Proof>> {
  let found = await apollo.search(OWN_PEOPLE, 1 + Math.floor(Math.random() * PAGES));
  if (found.outcome === "answered" && found.value.people.length === 0) found = await apollo.search(OWN_PEOPLE, 1);
  if (found.outcome !== "answered") return found;
  const people = found.value.people.filter(({ hasEmail }) => hasEmail);
  for (const { personId } of shuffled(people).slice(0, REVEALS_AT_MOST)) {
    const revealed = await apollo.reveal([personId]);
    if (revealed.outcome !== "answered" || revealed.value.length > 0) return workProven(revealed);
  }
  return refused(service, "Apollo revealed nobody of those whom its search had shown");
}

function shuffled<T>(items: T[]): T[] {
  const from = Math.floor(Math.random() * items.length);
  return [...items.slice(from), ...items.slice(0, from)];
}
