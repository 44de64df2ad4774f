import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { runInDurableObject } from "cloudflare:test";
import { ClosePreview } from "../../src/contract/close-preview.ts";
import { IncidentTimeline } from "../../src/contract/timeline.ts";
import { signedIn } from "./browser.ts";
import { breaker, call, close, createCampaign, dataOf, request } from "./line.ts";
import { gateCloses, insertJobs, rowsOf, theBreaker } from "./rows.ts";

beforeEach(async () => {
  await close();
  await gateCloses();
  await runInDurableObject(theBreaker(), (_, { storage }) => void storage.sql.exec("DELETE FROM incidents"));
});

/** A call of this job fails, under the epoch that is. */
async function stopBy(jobId: string) {
  const fault = { provider: "openai", kind: "malformed", httpStatus: 200, message: "no" } as const;
  await theBreaker().trip({ fault, epoch: (await breaker()).epoch, jobId, campaignId: null });
}

/** A job opens the line's last two stops, and waits. */
async function stoppedTwice() {
  const job = crypto.randomUUID();
  await stopBy(job);
  await close();
  await gateCloses();
  await stopBy(job);
  // Made only now: the resume in between would have done its work.
  const campaign = await createCampaign();
  const [made = ""] = await insertJobs(campaign, 1, { status: "PAUSED" });
  await env.DB.prepare("UPDATE job_rows SET id = ?1 WHERE id = ?2").bind(job, made).run();
  return { campaign, job };
}

const preview = async () =>
  dataOf(await request("GET", "/queue-management/circuit-breaker/close/preview"), 200, ClosePreview);
const incidentIds = async () =>
  (await call<{ incidents: { id: string }[] }>("GET", "/queue-management/incidents")).incidents.map(({ id }) => id);
const openingOf = async (id: string) => {
  const { events } = await dataOf(
    await request("GET", `/queue-management/incidents/${id}/timeline`),
    200,
    IncidentTimeline,
  );
  const [opened] = events;
  return opened?.kind === "opened" ? { repeated: opened.repeated_job, text: opened.text } : null;
};

test("the job that opened the last stops is named, from its second stop on and while the line stands", async () => {
  await stopBy("somebody-else");
  await close();
  await stopBy("a-job");
  expect((await breaker()).repeated_job).toBeNull();
  await close();
  await stopBy("a-job");
  const repeated_job = { job_id: "a-job", stops: 2, of: 2 };
  expect(await breaker()).toMatchObject({ state: "open", repeated_job });
  expect(await call("GET", "/queue-management/status")).toMatchObject({ circuit_breaker: { repeated_job } });
  expect(await preview()).toMatchObject({ repeated_job, circuit_breaker: { repeated_job } });
  await close();
  expect((await breaker()).repeated_job).toBeNull();
  expect((await preview()).repeated_job).toBeNull();
  await stopBy("another");
  expect((await breaker()).repeated_job).toBeNull();
});

test("each incident tells it as it was then, in the timeline and in the file", async () => {
  for (let n = 1; n <= 3; n++) {
    if (n > 1) await close();
    await stopBy("a-job");
  }
  await close();
  await stopBy("another");
  const [, third = "", , first = ""] = await incidentIds();
  expect(await openingOf(third)).toMatchObject({
    repeated: { job_id: "a-job", stops: 3, of: 3 },
    text: expect.stringMatching(/ This job opened three of the last three stops\.$/) as string,
  });
  expect(await openingOf(first)).toMatchObject({ repeated: null });
  const file = await (await request("GET", `/queue-management/incidents/${third}/export`)).text();
  expect(file).toContain("- This job opened three of the last three stops.");
});

test("the banner, the close page and the incident's page name it, and each can cancel it while the line stands", async () => {
  const { visit, token } = await signedIn("operator");
  for (const place of ["banner", "close", "incident"]) {
    const { campaign, job } = await stoppedTwice();
    const [incident] = await incidentIds();
    const path = { banner: "/console", close: "/console/line/close", incident: `/console/incidents/${incident}` }[
      place
    ];
    const { text } = await visit(path ?? "");
    expect([place, text]).toEqual([place, expect.stringContaining("This job opened two of the last two stops")]);
    expect(text).toContain("ancel this job");
    const form = { form_token: token, back: path ?? "" };
    if (place === "close") {
      const answer = await visit("/console/line/close", { form: { ...form, do: "cancel", note: "that one again" } });
      expect(answer.text).toContain("The job is cancelled.");
      expect(answer.text).toContain(">that one again</textarea>");
    } else {
      expect(text).toContain(`action="/console/jobs/${job}/cancel"`);
      await visit(`/console/jobs/${job}/cancel`, { form });
    }
    expect((await rowsOf(campaign)).map(({ status }) => status)).toEqual(["CANCELLED"]);
    expect((await breaker()).state).toBe("open");
    const after = (await visit(path ?? "")).text;
    expect(after).toContain("It does not wait any more.");
    expect(after).not.toContain("ancel this job");
    await close();
    await gateCloses();
  }
});

test("a viewer reads of it and gets no button", async () => {
  await stoppedTwice();
  const { visit } = await signedIn("viewer");
  const { text } = await visit("/console");
  expect(text).toContain("This job opened two of the last two stops");
  expect(text).not.toContain("/cancel");
});
