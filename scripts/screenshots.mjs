// npm run screenshots
//   Makes the pictures of the console in docs/pictures, on an instance of its own: a campaign, a broken service, the close.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { apiAt, applyMigrations, freePort, ROOT, startWorkers, waitUntilReady } from "./local.mjs";

const DESK = { viewport: { width: 1180, height: 820 } };
const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: "dark", deviceScaleFactor: 2 };
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const pictures = join(ROOT, "docs/pictures");

const state = mkdtempSync(join(tmpdir(), "andon-pictures-"));
const port = await freePort();
const base = `http://localhost:${port}`;
const call = apiAt(base);
await applyMigrations(state);
const workers = startWorkers({ port, state, quiet: true });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });

async function signedIn(options) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${base}/console/sign-in`);
  await page.getByRole("button", { name: "admin", exact: true }).click();
  await page.waitForURL(`${base}/console`);
  return page;
}
const picture = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`) });

try {
  mkdirSync(pictures, { recursive: true });
  await waitUntilReady(port, 120_000);
  const page = await signedIn(DESK);
  await page.getByRole("button", { name: "Start a sample campaign" }).click();
  const campaign = page.url();
  await page
    .locator("progress.pushed")
    .evaluate(
      (bar) =>
        new Promise((done) =>
          setInterval(() => document.querySelector("progress.pushed").value > 20 && done(bar.id), 200),
        ),
    );
  await call("POST", "/sandbox/faults", { provider: "openai", kind: "server_error" });
  await page.locator("#line.open").waitFor({ timeout: 60_000 });
  await page.waitForTimeout(4_000);
  await picture(page, "stopped");
  const { circuit_breaker: stopped } = await call("GET", "/queue-management/circuit-breaker");
  await page.goto(`${base}/console/line/close`);
  await picture(page, "close");
  const phone = await signedIn(PHONE);
  await picture(phone, "phone");
  await call("DELETE", "/sandbox/faults");
  await call("POST", "/queue-management/services/openai/check");
  await call("POST", "/queue-management/circuit-breaker/close", { note: "OpenAI works again" });
  await page.goto(campaign);
  await page.waitForTimeout(5_000);
  await picture(page, "campaign");
  await page.goto(`${base}/console/jobs/${stopped.reason.job_id}`);
  await picture(page, "job");
  await page.goto(`${base}/console/providers`);
  await picture(page, "providers");
  await page.goto(`${base}/console/incidents`);
  await page.locator("tbody a").first().click();
  await page.locator(".timeline").waitFor();
  await picture(page, "incident");
  console.log(`The pictures are in ${pictures}.`);
} finally {
  await browser.close();
  await workers.stop();
  rmSync(state, { recursive: true, force: true, maxRetries: 5 });
}
