import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { FaultOrder, LedgerCall, SandboxSummary } from "../../src/contract/sandbox.ts";
import type { FaultKind, Provider } from "../../src/domain/fault.ts";
import {
  allPaused,
  breaker,
  breakerOpens,
  breakProvider,
  call,
  campaign,
  campaignEnds,
  close,
  createCampaign,
  eventually,
  ledger,
  mendProviders,
  request,
  startedCampaign,
  summary,
} from "./line.ts";
import { decidedTitle } from "./decided.ts";
import { miscounted, rowsOf } from "./rows.ts";

/** The whole story of one broken provider, and what must hold at each point of it. */

const ENDED = ["COMPLETED", "FAILED", "CANCELLED"];

/** What a broken provider shows, and as what the breaker must report it. */
export interface Breakage {
  order: FaultOrder;
  kind: FaultKind;
  status: number | null;
}

/** Starts a campaign whose people, and so whose every answer, are the same in every run. */
export async function startNamed(title: string) {
  await call("POST", "/sandbox/reset");
  return () => startedCampaign({ target_leads: 3, search: { person_titles: [decidedTitle(title, 5)] } });
}

/** A provider breaks until it is mended, and an operator closes the breaker. Checks what must hold on the way. */
export async function expectStopAndResume({ order, kind, status }: Breakage) {
  const { provider } = order;
  const start = await startNamed(`${provider} ${order.kind} ${order.path}`);
  const another = await createCampaign();
  await breakProvider(order);
  const id = await start();
  const opened = await breakerOpens();
  expect(opened.reason).toMatchObject({ source: "provider", provider, kind, http_status: status, campaign_id: id });
  const callsAtStop = (await ledger()).length;
  await allPaused();
  expect((await campaign(id)).status).toBe("RUNNING");
  const unfinished = (await rowsOf(id)).filter((job) => !ENDED.includes(job.status));
  expect(unfinished.map((job) => job.id)).toContain(opened.reason?.job_id);
  const why = `${provider} failed (${kind}${status === null ? "" : `, HTTP ${status}`}): ${opened.reason?.message}`;
  for (const job of unfinished) expect(job).toMatchObject({ status: "PAUSED", pause_reason: why });
  const refused = await request("POST", `/campaigns/${another}/start`);
  expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: "breaker_open" } }]);
  expect(await miscounted()).toEqual([]);
  expect((await ledger()).length).toBe(callsAtStop);
  await mendProviders();
  await close();
  await eventually("all jobs ended", async () => (await rowsOf(id)).every((job) => ENDED.includes(job.status)));
  // It would look at itself within a second; many tests have no such second to spare.
  await runDurableObjectAlarm(env.CAMPAIGN.getByName(id));
  const done = await campaignEnds(id);
  expect(done.status).toBe("COMPLETED");
  expect(new Set((await rowsOf(id)).map((job) => job.status))).toEqual(new Set(["COMPLETED"]));
  expect(await miscounted()).toEqual([]);
  return { done, calls: await ledger(), summary: await summary() };
}

/** No call that was answered was made again, and no other was paid for twice than those in `lost`. */
export function expectNothingRepeated(
  { summary, calls }: { summary: SandboxSummary; calls: LedgerCall[] },
  lost: string[] = [],
) {
  const repeated = Object.values(summary.providers).flatMap((each) => each.repeated_subjects);
  expect(repeated.toSorted()).toEqual(lost.toSorted());
  const answered = calls.filter((each) => each.outcome === "ok" && each.cost_usd > 0);
  const calledFor = answered.map((each) => `${each.provider} ${each.subject}`);
  expect(new Set(calledFor).size).toBe(calledFor.length);
}

/** The provider does its work and never answers: exactly what was lost so, and nothing else, is paid for again. */
export async function expectOnlyLostRepeated(order: Pick<FaultOrder, "provider" | "path">) {
  const broken = { ...order, kind: "timeout_after_effect" } as const;
  const run = await expectStopAndResume({ order: broken, kind: "timeout", status: null });
  const lost = run.calls.filter((each) => each.outcome === "timeout_after_effect").map((each) => each.subject);
  expect(lost.length).toBeGreaterThan(0);
  expectNothingRepeated(run, lost);
}

/** The provider refuses every verified lead: each fails by itself, and the line goes on. */
export async function expectLeadsFailAlone(provider: Provider) {
  const before = await breaker();
  const start = await startNamed(`${provider} bad_lead`);
  await breakProvider({ provider, kind: "bad_lead" });
  const done = await campaignEnds(await start());
  const { leads, jobs } = done.progress;
  expect(done.status).toBe("COMPLETED");
  expect(leads.verified).toBeGreaterThan(0);
  expect([leads.failed, leads.pushed, jobs.FAILED]).toEqual([leads.verified, 0, leads.verified]);
  expect(await breaker()).toEqual(before);
  expect(await miscounted()).toEqual([]);
  expectNothingRepeated({ summary: await summary(), calls: [] });
}
