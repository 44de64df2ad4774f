import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { api, base, launch, runningCampaign, signedIn } from "./desk.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  nodes: { html: string }[];
}

/** What axe finds wrong with a page as it stands. */
async function violations(page: Page, rules: string[] | null): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    return (await axe.run({ resultTypes: ["violations"], ...(only ? { runOnly: only } : {}) })).violations;
  }, rules);
  return found.map(({ id, nodes }) => `${new URL(page.url()).pathname} ${id}: ${nodes[0]?.html}`);
}

const DESK = { width: 1180, height: 820 };
const PHONE = { width: 360, height: 740 };

/** What must hold of each page. */
export const pages = () => {
  let browser: Browser;
  let paths: string[];

  beforeAll(async () => {
    browser = await launch();
    await api("POST", "/sandbox/faults", { provider: "openai", kind: "server_error" });
    const id = await runningCampaign("A campaign for every page", 12);
    const paused = async () =>
      ((await api("GET", "/queue-management/status")) as { job_counts: { PAUSED: number } }).job_counts.PAUSED;
    await vi.waitUntil(async () => (await paused()) > 0, { timeout: 60_000, interval: 500 });
    const { jobs } = (await api("GET", `/campaigns/${id}/jobs?limit=1`)) as { jobs: { id: string }[] };
    const { leads } = (await api("GET", `/campaigns/${id}/leads?limit=1`)) as { leads: { id: string }[] };
    const { incidents } = (await api("GET", "/queue-management/incidents")) as { incidents: { id: string }[] };
    paths = [
      "",
      "/campaigns",
      `/campaigns/${id}`,
      "/jobs?status=PAUSED",
      `/jobs/${jobs[0]?.id}`,
      "/leads",
      `/leads/${leads[0]?.id}`,
      "/incidents",
      `/incidents/${incidents[0]?.id}`,
      "/providers",
      "/line/close",
      "/line/resume",
      "/alerts",
      "/tokens",
      "/sandbox",
      "/nowhere",
    ];
  }, 120_000);
  afterAll(async () => {
    await api("DELETE", "/sandbox/faults");
    await api("POST", "/queue-management/circuit-breaker/close", {});
    await browser.close();
  });

  test("has nothing that axe finds wrong, in light and in dark colours, and on a phone nothing scrolls sideways", async () => {
    const page = await signedIn(browser, "admin", { bypassCSP: true });
    const wrong: string[] = [];
    for (const path of [...paths, "/sign-in"]) {
      await page.emulateMedia({ colorScheme: "light" });
      await page.setViewportSize(DESK);
      await page.goto(`${base}/console${path}`);
      await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
      wrong.push(...(await violations(page, null)));
      await page.emulateMedia({ colorScheme: "dark" });
      wrong.push(...(await violations(page, ["color-contrast"])));
      await page.setViewportSize(PHONE);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > PHONE.width) wrong.push(`${path} is ${width} wide`);
    }
    expect(wrong).toEqual([]);
    await page.context().close();
  });

  test("shows the banner first on a phone", async () => {
    const page = await signedIn(browser, "admin", { viewport: PHONE, hasTouch: true, isMobile: true });
    expect(await page.locator("#line h2").isVisible()).toBe(true);
    const banner = await page.locator("#line").boundingBox();
    expect(banner?.y).toBeLessThan(PHONE.height / 4);
    await page.context().close();
  });

  test("comes with a policy that lets no foreign or inline script run", async () => {
    const answer = await fetch(`${base}/console/sign-in`);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|data:/);
    expect(await answer.text()).not.toMatch(/<script>|style=|onclick=/);
  });
};
