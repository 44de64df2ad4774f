import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ratesOf } from "../../src/platform/config.ts";
import { breaker, breakProvider, campaignEnds, call, ledger } from "./line.ts";
import { rowsOf } from "./rows.ts";
import { startNamed } from "./stops.ts";

test("millionverifier is never called faster than its rate and one burst allow, and waiting opens nothing", async () => {
  const { perSecond, atOnce } = ratesOf(env).millionverifier;
  const many = Math.round(2.4 * atOnce);
  const before = await breaker();
  await startNamed("");
  // All are rejected: nothing but verification has to be waited for.
  await breakProvider({ provider: "millionverifier", kind: "bad_lead" });
  const { campaign: made } = await call<{ campaign: { id: string } }>("POST", "/campaigns", {
    name: "Many",
    target_leads: many,
    search: { person_titles: ["many"] },
    message: { sender_name: "Ada", offer: "a faster pipeline" },
  });
  await call("POST", `/campaigns/${made.id}/start`);
  const done = await campaignEnds(made.id);
  expect(done).toMatchObject({ status: "COMPLETED", progress: { leads: { rejected: many } } });

  const at = (await ledger())
    .filter((each) => each.provider === "millionverifier")
    .map((each) => new Date(each.at).getTime())
    .toSorted((a, b) => a - b);
  expect(at).toHaveLength(many);
  const tooFast = at.flatMap((from, first) =>
    at
      .slice(first)
      .flatMap((to, more) =>
        more + 1 > perSecond * ((to - from) / 1_000) + atOnce ? [{ calls: more + 1, ms: to - from }] : [],
      ),
  );
  expect(tooFast).toEqual([]);
  expect(await breaker()).toEqual(before);
  expect(new Set((await rowsOf(made.id)).map((job) => `${job.status} ${job.attempts}`))).toEqual(
    new Set(["COMPLETED 1"]),
  );
});
