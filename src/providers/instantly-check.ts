import { z } from "zod";
import type { Proof } from "../domain/check.ts";
import type { Answer } from "../domain/fault.ts";
import { ask, fault, get, post, type Connection, type Service } from "./call.ts";
import { askToBeRefused, madeUpName, proven, provenBy } from "./checks.ts";
import { numeric } from "./text.ts";

export const API = "https://api.instantly.ai/api/v2";

const Campaigns = z.looseObject({ items: z.array(z.looseObject({ id: z.string().min(1) })) });
const Added = z.looseObject({ invalid_email_count: numeric, remaining_in_plan: numeric.nullable() });

export const headersOf = ({ key }: Connection) => ({ authorization: `Bearer ${key}` });
const campaignsOf = (service: Service) => ask(service, get(`${API}/campaigns?limit=1`, headersOf(service)), Campaigns);

export async function checkInstantly(service: Service): Promise<Answer<Proof>> {
  return provenBy(await campaignsOf(service), ["reachable", "key"]);
}

/**
 * Adds to some campaign what can never be written to: Instantly looks at it, counts it as invalid and keeps nothing. A
 * workspace without a campaign has nothing to try this with.
 */
export async function tryOutInstantly(service: Service): Promise<Answer<Proof>> {
  const campaigns = await campaignsOf(service);
  if (campaigns.outcome !== "answered") return campaigns;
  const campaign = campaigns.value.items[0];
  if (campaign === undefined) return proven(["reachable", "key"]);
  const body = { campaign_id: campaign.id, skip_if_in_campaign: true, leads: [{ email: madeUpName() }] };
  const adding = post(`${API}/leads/add`, headersOf(service), body);
  const asked = await askToBeRefused(service, adding, { names: /leads.{0,3}0.{0,3}email/, schema: Added });
  if (asked.refused) return proven(["reachable", "key", "work"]);
  if (asked.answer.outcome !== "answered") return asked.answer;
  const { remaining_in_plan: left, invalid_email_count: invalid } = asked.answer.value;
  if (left !== null && left <= 0) return fault(service, "out_of_credit", 200, "The plan takes no further lead");
  return invalid === 1
    ? proven(["reachable", "key", "credit", "work"])
    : fault(service, "malformed", 200, "Instantly did not call an address without an @ invalid");
}
