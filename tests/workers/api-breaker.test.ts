import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { BreakerChanged, CircuitBreaker, IncidentList, IncidentWhole } from "../../src/contract/breaker.ts";
import { QueueManagementStatus } from "../../src/contract/status.ts";
import {
  allPaused,
  breaker,
  breakerOpens,
  breakProvider,
  call,
  campaignEnds,
  close,
  dataOf,
  eventually,
  failureOf,
  mendProviders,
  request,
  startedCampaign,
} from "./line.ts";
import { gateCloses } from "./rows.ts";

const BREAKER_FIELDS = [
  "state",
  "epoch",
  "opened_at",
  "closed_at",
  "opened_by",
  "closed_by",
  "note",
  "reason",
  "repeated_job",
];
const REASON_FIELDS = ["source", "provider", "kind", "http_status", "message", "job_id", "campaign_id", "followers"];
const SWEEP_FIELDS = ["id", "kind", "epoch", "state", "total", "done", "failed", "added", "started_at", "finished_at"];
const STATUS_FIELDS = ["circuit_breaker", "job_counts", "campaign_counts", "sweep", "queue", "timestamp"];
const CLOSES = ["/queue-management/circuit-breaker/close", "/queue-management/resume"];

const keysOf = (value: object | null | undefined) => Object.keys(value ?? {}).toSorted();
const change = async (path: string, body?: unknown, token: "sandbox-operator" | "sandbox-admin" = "sandbox-operator") =>
  dataOf(await request("POST", path, { body, token }), 200, BreakerChanged);
const pause = (reason = "a look at the line") => change("/queue-management/pause", { reason });

beforeEach(async () => {
  await mendProviders();
  await close();
  await gateCloses();
});

describe("opening by hand", () => {
  test("the open breaker and its sweep show the documented fields, with the reason and who gave it", async () => {
    const { epoch } = await breaker();
    const opened = await pause("<b>we look</b> & think");
    expect(opened).toMatchObject({ changed: true, sweep: { kind: "pause", epoch: epoch + 1 } });
    expect(opened.circuit_breaker).toMatchObject({
      state: "open",
      epoch: epoch + 1,
      opened_by: "sandbox-operator",
      closed_at: null,
    });
    expect(opened.circuit_breaker.reason).toEqual({
      source: "operator",
      provider: null,
      kind: null,
      http_status: null,
      message: "<b>we look</b> & think",
      job_id: null,
      campaign_id: null,
      followers: 0,
    });
    expect(keysOf(opened.circuit_breaker)).toEqual(BREAKER_FIELDS.toSorted());
    expect(keysOf(opened.circuit_breaker.reason)).toEqual(REASON_FIELDS.toSorted());
    expect(keysOf(opened.sweep)).toEqual(SWEEP_FIELDS.toSorted());
    for (const path of ["circuit-breaker", "circuit-breakers"]) {
      const data = await dataOf(
        await request("GET", `/queue-management/${path}`),
        200,
        z.object({ circuit_breaker: CircuitBreaker }),
      );
      expect(data.circuit_breaker).toEqual(opened.circuit_breaker);
    }
  });

  test("opening an open breaker changes nothing, and the first reason stands", async () => {
    const first = await pause("first");
    expect(await pause("second")).toMatchObject({ changed: false, circuit_breaker: first.circuit_breaker });
  });

  test("a stop needs a reason", async () => {
    for (const body of [
      undefined,
      {},
      { reason: "" },
      { reason: "  " },
      { reason: 7 },
      { reason: "a\u0000b" },
      { reason: "x".repeat(1_001) },
    ]) {
      const { details } = await failureOf(
        await request("POST", "/queue-management/pause", { body }),
        400,
        "invalid_request",
      );
      expect(details).toMatchObject([{ path: "reason" }]);
    }
    expect((await breaker()).state).toBe("closed");
  });
});

describe("closing", () => {
  test.each(CLOSES)("%s closes once, with the note and who did it", async (path) => {
    const { circuit_breaker: open } = await pause();
    const closed = await change(path, { note: "mended" }, "sandbox-admin");
    expect(closed).toMatchObject({
      changed: true,
      previous_state: "open",
      sweep: { kind: "resume", epoch: open.epoch + 1 },
    });
    expect(closed.circuit_breaker).toMatchObject({
      ...open,
      state: "closed",
      epoch: open.epoch + 1,
      closed_by: "sandbox-admin",
      note: "mended",
      reason: null,
      closed_at: expect.any(String) as string,
    });
    const again = await change(path, { note: "again" });
    expect(again).toMatchObject({ changed: false, previous_state: "closed", circuit_breaker: closed.circuit_breaker });
  });

  test.each(CLOSES)("%s takes no note, an empty body and no body", async (path) => {
    for (const body of [undefined, "", "{}", "  "]) expect(await change(path, body)).toMatchObject({ changed: false });
    for (const note of ["", 7, null, "x".repeat(1_001)]) {
      await failureOf(await request("POST", path, { body: { note } }), 400, "invalid_request");
    }
  });

  test.each(CLOSES)("%s leaves the breaker open without a token, and for a viewer", async (path) => {
    const { circuit_breaker: open } = await pause();
    await failureOf(await request("POST", path, { token: null }), 401, "unauthenticated");
    await failureOf(await request("POST", path, { token: "sandbox-viewer" }), 403, "forbidden");
    expect(await breaker()).toEqual(open);
  });
});

describe("the status of the line", () => {
  test("has the documented fields, and the counts of all campaigns", async () => {
    const id = await startedCampaign({ target_leads: 1 });
    await campaignEnds(id);
    const status = await dataOf(await request("GET", "/queue-management/status"), 200, QueueManagementStatus);
    expect(keysOf(status)).toEqual(STATUS_FIELDS.toSorted());
    expect(keysOf(status.job_counts)).toEqual(["CANCELLED", "COMPLETED", "FAILED", "PAUSED", "PENDING", "RUNNING"]);
    expect(keysOf(status.campaign_counts)).toEqual(["COMPLETED", "CREATED", "FAILED", "RUNNING"]);
    expect(keysOf(status.queue)).toEqual(["backlog_count", "oldest_message_at"]);
    expect(status.job_counts.COMPLETED).toBeGreaterThanOrEqual(2);
    expect(status.campaign_counts.COMPLETED).toBeGreaterThanOrEqual(1);
  });
});

const epochAtFirst = (await breaker()).epoch;

describe("incidents", () => {
  test("are listed newest first, page by page, each once", async () => {
    for (const reason of ["one", "two", "three"]) {
      await pause(reason);
      await close();
    }
    const seen: { id: string; epoch: number; message: string }[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const response = await request("GET", `/queue-management/incidents?limit=2${cursor && `&cursor=${cursor}`}`);
      const { incidents, next_cursor } = await dataOf(response, 200, IncidentList);
      expect(incidents.length).toBeLessThanOrEqual(2);
      seen.push(...incidents.map(({ id, epoch, reason }) => ({ id, epoch, message: reason.message })));
      cursor = next_cursor;
      if (seen.length > 100) throw new Error("the pages of incidents have no end");
    }
    expect(seen.slice(0, 3).map(({ message }) => message)).toEqual(["three", "two", "one"]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.map(({ epoch }) => epoch)).toEqual(seen.map(({ epoch }) => epoch).toSorted((a, b) => b - a));
    expect(seen).toHaveLength(((await breaker()).epoch - epochAtFirst) / 2);
  });

  test("one incident shows the faults that followed, and both its sweeps", async () => {
    await call("PUT", "/sandbox/latency", { provider: "millionverifier", ms: 300 });
    await breakProvider({ provider: "millionverifier", kind: "server_error" });
    const campaignId = await startedCampaign({ target_leads: 3 });
    await breakerOpens();
    await allPaused();
    const open = await eventually("a second fault followed", async () => {
      const seen = await breaker();
      return (seen.reason?.followers ?? 0) > 0 && seen;
    });
    expect(open.reason).toMatchObject({
      source: "provider",
      provider: "millionverifier",
      campaign_id: campaignId,
      http_status: 500,
    });
    await mendProviders();
    await call("PUT", "/sandbox/latency", { ms: 0 });
    await close("mended");
    await campaignEnds(campaignId);
    const { incidents } = await dataOf(await request("GET", "/queue-management/incidents?limit=1"), 200, IncidentList);
    const [listed] = incidents;
    const response = await request("GET", `/queue-management/incidents/${listed?.id}`);
    const { incident } = await dataOf(response, 200, z.object({ incident: IncidentWhole }));
    const { followers, sweeps, ...rest } = incident;
    expect(rest).toEqual(listed);
    expect(rest).toMatchObject({
      state: "closed",
      opened_by: "millionverifier",
      closed_by: "sandbox-admin",
      note: "mended",
    });
    expect(followers).toHaveLength(rest.reason.followers);
    for (const each of followers) {
      expect(each).toMatchObject({
        provider: "millionverifier",
        kind: "server_error",
        http_status: 500,
        campaign_id: campaignId,
      });
    }
    expect(sweeps.map(({ kind, epoch }) => ({ kind, epoch }))).toEqual(
      expect.arrayContaining([
        { kind: "pause", epoch: rest.epoch },
        { kind: "resume", epoch: rest.epoch + 1 },
      ]),
    );
  });
});
