import { z } from "zod";
import { type Activity, addUp, MINUTE_MS } from "../domain/activity.ts";
import { type Provider, PROVIDERS } from "../domain/fault.ts";
import type { Rate } from "../domain/throttle.ts";
import { Time, time } from "./common.ts";

/** Points of a plot, whatever time it covers. */
const POINTS = 60;

export const ActivityQuery = z.strictObject({
  hours: z.coerce.number().int().min(1).max(24).default(1).describe("How far back, up to a day."),
});

const Point = z.object({
  at: Time.describe("When its stretch of time began."),
  calls: z.int(),
  refused: z.int().describe("The service works, but not for that lead."),
  faults: z.int().describe("Each stopped the line, or followed what had."),
  mean_ms: z.int().nullable().describe("Null when there was no call."),
  slowest_ms: z.int().nullable(),
  usd: z.number().describe("As far as the service tells what a call cost."),
  credits: z.number(),
  tokens: z.int(),
});

export const ServiceActivity = z.object({
  stretch_seconds: z.int().describe("What each point covers."),
  services: z.array(
    z.object({
      provider: z.enum(PROVIDERS),
      per_second: z.number().describe("The rate that it is called at, at the most."),
      at_once: z.int(),
      total: Point,
      points: z.array(Point).length(POINTS).describe("In the order of time; the last is not over yet."),
    }),
  ),
});

/** From when on minutes are needed for a plot that ends now. */
export function plotFrom(hours: number, now: number): number {
  const stretchMs = hours * MINUTE_MS;
  return now - (now % stretchMs) - (POINTS - 1) * stretchMs;
}

export function activityView(
  services: { provider: Provider; rate: Rate; minutes: Activity[] }[],
  { hours, now }: { hours: number; now: number },
): z.infer<typeof ServiceActivity> {
  const stretchMs = hours * MINUTE_MS;
  const from = plotFrom(hours, now);
  return {
    stretch_seconds: stretchMs / 1_000,
    services: services.map(({ provider, rate, minutes }) => {
      const sums = new Map(addUp(minutes, stretchMs).map((sum) => [sum.at, sum]));
      const [total] = addUp(
        minutes.map((minute) => ({ ...minute, at: 0 })),
        stretchMs,
      );
      return {
        provider,
        per_second: rate.perSecond,
        at_once: rate.atOnce,
        total: pointView({ ...(total ?? nothingAt(0)), at: from }),
        points: Array.from({ length: POINTS }, (_, i) => from + i * stretchMs).map((at) =>
          pointView(sums.get(at) ?? nothingAt(at)),
        ),
      };
    }),
  };
}

const nothingAt = (at: number): Activity => ({
  at,
  calls: 0,
  refused: 0,
  faults: 0,
  totalMs: 0,
  slowestMs: 0,
  usd: 0,
  credits: 0,
  tokens: 0,
});

function pointView({ at, totalMs, slowestMs, ...counts }: Activity): z.infer<typeof Point> {
  const none = counts.calls === 0;
  return {
    at: time(at),
    ...counts,
    mean_ms: none ? null : Math.round(totalMs / counts.calls),
    slowest_ms: none ? null : slowestMs,
  };
}
