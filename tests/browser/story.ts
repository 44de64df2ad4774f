import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { api, base, breakerState, launch, runningCampaign, signedIn } from "./desk.ts";

const CLOSE = "/queue-management/circuit-breaker/close";
const PATIENCE = { timeout: 60_000 };

/** A service breaks, and an operator sees it, understands it and starts the line again. */
export const story = () => {
  let browser: Browser;
  beforeAll(async () => (browser = await launch()));
  afterAll(() => browser.close());
  afterEach(async () => {
    await api("DELETE", "/sandbox/faults");
    await api("POST", CLOSE, { note: "the next test" });
  });

  test("a broken service, the banner, a test, the close, and everything finishes", async () => {
    const page = await signedIn(browser, "admin");
    await page.goto(`${base}/console/campaigns`);
    await page.getByText("Create a campaign").click();
    await page.getByLabel("Name", { exact: true }).fill("Heads of story");
    await page.getByLabel("Leads wanted").fill("30");
    await page.getByLabel("Titles").fill("Head of Stories");
    await page.getByLabel("Sender’s name").fill("Ada");
    await page.getByLabel("Offer").fill("a story with a good end");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("Nothing has begun yet").waitFor();

    await page.goto(`${base}/console/sandbox`);
    await page.getByRole("button", { name: "Break OpenAI" }).click();
    await page.goto(`${base}/console/campaigns`);
    await page.getByRole("link", { name: "Heads of story" }).click();
    await page.getByRole("button", { name: "Start", exact: true }).click();

    // Nobody loads the page again: the banner comes by itself.
    const line = page.locator("#line");
    await line.getByRole("heading", { name: "The line is stopped" }).waitFor(PATIENCE);
    await expect.poll(() => line.textContent()).toMatch(/OpenAI reported an error of its own \(HTTP 500\)/);
    expect(await line.textContent()).toContain("Heads of story");
    expect(await line.textContent()).toContain("Nothing is lost");
    await expect.poll(() => page.title(), PATIENCE).toContain("STOPPED");
    // And stays there when the page's own part has renewed itself.
    await page.waitForResponse((answer) => answer.url() === page.url());
    await page.waitForResponse((answer) => answer.url() === page.url());
    expect(await page.title()).toContain("STOPPED");

    await line.getByRole("button", { name: "Test OpenAI now" }).click();
    await page.locator(".notice.problem", { hasText: "OpenAI reported an error" }).waitFor();
    await page.locator("#line").getByRole("link", { name: "Close the breaker" }).click();
    const override = page.getByLabel("Close it although the last test of OpenAI failed");
    await override.waitFor();
    await page.getByLabel("may go on").check();
    await override.evaluate((box: HTMLInputElement) => (box.required = false));
    await page.getByRole("button", { name: "Close the breaker" }).click();
    await page.locator(".notice.problem", { hasText: "still open" }).waitFor();
    expect(await breakerState()).toBe("open");

    await api("DELETE", "/sandbox/faults");
    await page.locator("#content").getByRole("button", { name: "Test OpenAI now" }).click();
    await page.locator(".notice.done", { hasText: "OpenAI answers and accepts the key" }).waitFor();
    expect(await override.count()).toBe(0);
    await page.getByLabel("Note").fill("their status page is green again");
    await page.getByLabel("may go on").check();
    await page.getByRole("button", { name: "Close the breaker" }).click();
    await page.locator(".notice.done", { hasText: "The breaker is closed" }).waitFor();
    expect(await breakerState()).toBe("closed");

    await page.goto(`${base}/console/campaigns`);
    await page.getByRole("link", { name: "Heads of story" }).click();
    await page.locator("#live .status.completed", { hasText: "COMPLETED" }).waitFor(PATIENCE);
    const { providers } = (await api("GET", "/sandbox/summary")) as {
      providers: Record<string, { repeated_subjects_count: number }>;
    };
    for (const [name, seen] of Object.entries(providers))
      expect([name, seen.repeated_subjects_count]).toEqual([name, 0]);

    await page.goto(`${base}/console/incidents`);
    await page.getByText("their status page is green again").waitFor();
    await page.locator("tbody a").first().click();
    await page.locator(".timeline").waitFor();
    expect(await page.locator(".timeline").textContent()).toContain("their status page is green again");
    await page.context().close();
  });

  test("a viewer sees no buttons, and is refused when posting by hand", async () => {
    await api("POST", "/queue-management/pause", { reason: "a viewer looks" });
    const page = await signedIn(browser, "viewer");
    await page.getByRole("heading", { name: "The line is stopped" }).waitFor();
    expect(await page.getByRole("button").allTextContents()).toEqual(["Sign out"]);
    expect(await page.getByRole("link", { name: "Close the breaker" }).count()).toBe(0);
    const posted = (withToken: boolean) =>
      page.evaluate(async (own) => {
        const token = document.querySelector<HTMLInputElement>("input[name=form_token]")?.value ?? "";
        const fields = { sure: "yes", override: "yes", how: "all", ...(own ? { form_token: token } : {}) };
        const answer = await fetch("/console/line/close", { method: "POST", body: new URLSearchParams(fields) });
        return { status: answer.status, text: await answer.text() };
      }, withToken);
    expect((await posted(true)).text).toContain("This needs the role operator");
    expect((await posted(false)).status).toBe(403);
    expect(await breakerState()).toBe("open");
    await page.context().close();
  });

  test("without JavaScript the line is stopped and closed all the same", async () => {
    const page = await signedIn(browser, "operator", { javaScriptEnabled: false });
    await page.getByText("Stop the line by hand").click();
    await page.getByLabel("Reason").fill("a look without scripts");
    await page.getByRole("button", { name: "Stop the line" }).click();
    await page.getByRole("heading", { name: "The line is stopped" }).waitFor();
    expect(await page.locator("#line").textContent()).toContain("a look without scripts");
    await page.getByRole("link", { name: "Close the breaker" }).click();
    await page.getByLabel("may go on").check();
    await page.getByRole("button", { name: "Close the breaker" }).click();
    await page.locator(".notice.done").waitFor();
    expect(await breakerState()).toBe("closed");
    await page.context().close();
  });

  test("a token is made once however often its page is loaded anew, and revoked only by a second press", async () => {
    const page = await signedIn(browser, "admin");
    await page.goto(`${base}/console/tokens`);
    await page.getByText("Make a token").click();
    await page.locator("input[name=name]").fill("a night watch");
    await page.getByRole("button", { name: "Make it" }).click();
    await page.locator("code.secret").waitFor();
    // The page's script has run.
    await page.waitForLoadState("load");
    await page.reload();
    const rows = page.locator("tbody tr", { hasText: "a night watch" });
    await rows.first().waitFor();
    expect(await rows.count()).toBe(1);
    await rows.getByText("Revoke …").click();
    await rows.getByRole("button", { name: "Yes, revoke a night watch" }).click();
    await rows.getByText("revoked").waitFor();
    await page.context().close();
  });

  test("a page says when it lost its connection, and when it has it again", async () => {
    const page = await signedIn(browser, "viewer");
    await page.route("**/console**", (route) => route.abort());
    await page.locator("#lost").waitFor({ state: "visible" });
    expect(await page.locator("#line").textContent()).toContain("The line runs");
    await page.unroute("**/console**");
    await page.locator("#lost").waitFor({ state: "hidden" });
    await page.context().close();
  });

  test("what a stranger wrote is shown as text", async () => {
    const name = `<img src=x onerror="document.title='taken'">&amp;"'</td>`;
    await runningCampaign(name, 1);
    await api("POST", "/queue-management/pause", { reason: `</q><script>document.title='taken'</script>` });
    const page = await signedIn(browser, "viewer");
    await page.locator("#line q", { hasText: "</q><script>" }).waitFor();
    await page.goto(`${base}/console/campaigns`);
    await page.getByText(name).first().waitFor();
    await page.getByText(name).first().click();
    await page.locator("h1", { hasText: name }).waitFor();
    expect(await page.title()).not.toBe("taken");
    expect(await page.locator("main img, main script, #line script").count()).toBe(0);
    await page.context().close();
  });
};
