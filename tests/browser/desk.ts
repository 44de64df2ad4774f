import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { inject } from "vitest";
import { apiAt, waitUntilReady } from "../../scripts/local.mjs";
import { CHROMIUM } from "./chromium.ts";

/** An operator's desk: a browser, and the API to look behind what it shows. */

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // One process less, and one for all pages.
  "--in-process-gpu",
  "--renderer-process-limit=1",
  "--disable-extensions",
];

export const base = inject("base");
export const api = apiAt(base) as (method: string, path: string, body?: unknown) => Promise<unknown>;

export async function launch(): Promise<Browser> {
  await waitUntilReady(Number(new URL(base).port), 120_000);
  return chromium.launch({ executablePath: CHROMIUM ?? "", args: FLAGS });
}

/** A page of somebody who has just signed in. What its scripts complain of ends the test. */
export async function signedIn(browser: Browser, role: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.goto(`${base}/console/sign-in`);
  await page.getByRole("button", { name: role, exact: true }).click();
  await page.waitForURL(`${base}/console`);
  return page;
}

export async function runningCampaign(name: string, leads: number): Promise<string> {
  const { campaign } = (await api("POST", "/campaigns", {
    name,
    target_leads: leads,
    search: { person_titles: [name] },
    message: { sender_name: "Ada", offer: "a line that stops when it should" },
  })) as { campaign: { id: string } };
  await api("POST", `/campaigns/${campaign.id}/start`);
  return campaign.id;
}

export const breakerState = async () =>
  ((await api("GET", "/queue-management/circuit-breaker")) as { circuit_breaker: { state: string } }).circuit_breaker
    .state;
