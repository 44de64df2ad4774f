import { describe, expect, test } from "vitest";
import { signedIn } from "./browser.ts";
import { campaign, createCampaign } from "./line.ts";
import { insertJobs, rowsOf } from "./rows.ts";

async function failedJobs(...errors: string[]) {
  const id = await createCampaign();
  for (const error of errors) await insertJobs(id, 1, { status: "FAILED", error, finished_at: Date.now() });
  return id;
}

describe("the failed jobs", () => {
  test("that match the page's filter are counted, and retried by one button", async () => {
    const id = await failedJobs("it said No", "it said no again", "something else");
    const { visit, token } = await signedIn("operator");
    const { text } = await visit(`/console/jobs?status=FAILED&campaign_id=${id}&error=SAID+NO`);
    expect(text).toContain("2 jobs have failed.");
    expect(text).toContain("Retry all 2");
    const form = { form_token: token, campaign_id: id, error: "SAID NO", type: "", step: "", back: "/console/jobs" };
    expect((await visit("/console/jobs/retry", { form })).headers.get("location")).toBe("/console/jobs");
    expect((await visit("/console/jobs")).text).toContain("Queued again: 2 jobs go on where they failed.");
    const dispatches = (await rowsOf(id)).map(({ error, dispatch }) => [error === "something else", dispatch]);
    expect(dispatches.toSorted()).toEqual([
      [false, 2],
      [false, 2],
      [true, 1],
    ]);
  });

  test("are shown to a viewer without a button, and a viewer's form retries none", async () => {
    const id = await failedJobs("no");
    const { visit, token } = await signedIn("viewer");
    const { text } = await visit(`/console/jobs?status=FAILED&campaign_id=${id}`);
    expect(text).toContain("FAILED");
    expect(text).not.toContain("Retry");
    const refused = await visit("/console/jobs/retry", { form: { form_token: token, campaign_id: id } });
    expect(refused.text).toContain("This needs the role operator");
    expect((await campaign(id)).progress.jobs.FAILED).toBe(1);
  });

  test("need a filter that the API knows; the page says what is wrong with it", async () => {
    const { visit } = await signedIn("viewer");
    const { status, text } = await visit("/console/jobs?status=FAILED&campaign_id=<b>1</b>");
    expect(status).toBe(400);
    expect(text).toContain("“Campaign id” must be an id");
    expect(text).not.toContain("<b>1</b>");
  });
});

test("a job's page tells its story, with what a service said as text", async () => {
  const calls = [{ provider: "openai", at: Date.now(), ms: 31, outcome: "server_error" }];
  const attempt = { dispatch: 1, at: Date.now(), endedAt: Date.now(), end: "FAILED", calls, more: 3 };
  const id = await createCampaign();
  const error = "<script>alert(1)</script>";
  const [job] = await insertJobs(id, 1, {
    status: "FAILED",
    error,
    finished_at: Date.now(),
    history: JSON.stringify([attempt]),
  });
  const { visit } = await signedIn("viewer");
  const { text } = await visit(`/console/jobs/${job}`);
  expect(text).toContain("An attempt made 4 calls and failed.");
  expect(text).toContain("3 earlier calls");
  expect(text).toMatch(/OpenAI reported an error of its own.*31 ms/);
  expect(text).not.toContain("<script>alert");
});
