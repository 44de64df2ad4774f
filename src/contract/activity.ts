import { z } from "zod";
import { type Activity, addUp, MINUTE_MS } from "../domain/activity.ts";
import { type Provider, PROVIDERS } from "../domain/fault.ts";
import { perSecondOf, type Rate, RATE_NAMES, type RateName } from "../domain/throttle.ts";
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

const RateView = z.object({
  name: z.enum(RATE_NAMES),
  per_second: z.number().exactOptional(),
  per_minute: z.number().exactOptional(),
  per_hour: z.number().exactOptional(),
  at_once: z.int(),
});

export const ServiceActivity = z.object({
  stretch_seconds: z.int().describe("What each point covers."),
  services: z.array(
    z.object({
      provider: z.enum(PROVIDERS),
      per_second: z.number().describe("How often it is called at the most, all its rates together."),
      at_once: z.int().describe("Of all its rates together."),
      rates: z.array(RateView).describe("One for each kind of call that has a rate of its own."),
      total: Point,
      points: z.array(Point).length(POINTS).describe("In the order of time; the last is not over yet."),
    }),
  ),
});

/** What is known of the calls of one rate. */
export interface RateActivity {
  name: RateName;
  provider: Provider;
  rate: Rate;
  minutes: Activity[];
}

/** From when on minutes are needed for a plot that ends now. */
export function plotFrom(hours: number, now: number): number {
  const stretchMs = hours * MINUTE_MS;
  return now - (now % stretchMs) - (POINTS - 1) * stretchMs;
}

export function activityView(
  called: RateActivity[],
  { hours, now }: { hours: number; now: number },
): z.infer<typeof ServiceActivity> {
  const stretchMs = hours * MINUTE_MS;
  const from = plotFrom(hours, now);
  return {
    stretch_seconds: stretchMs / 1_000,
    services: PROVIDERS.map((provider) => {
      const mine = called.filter((each) => each.provider === provider);
      const minutes = mine.flatMap((each) => each.minutes);
      const sums = new Map(addUp(minutes, stretchMs).map((sum) => [sum.at, sum]));
      const [total] = addUp(
        minutes.map((minute) => ({ ...minute, at: 0 })),
        stretchMs,
      );
      return {
        provider,
        per_second: mine.reduce((sum, { rate }) => sum + perSecondOf(rate), 0),
        at_once: mine.reduce((sum, { rate }) => sum + rate.atOnce, 0),
        rates: mine.map(rateView),
        total: pointView({ ...(total ?? nothingAt(0)), at: from }),
        points: Array.from({ length: POINTS }, (_, i) => from + i * stretchMs).map((at) =>
          pointView(sums.get(at) ?? nothingAt(at)),
        ),
      };
    }),
  };
}

const rateView = ({ name, rate }: RateActivity): z.infer<typeof RateView> => ({
  name,
  ...(rate.perSecond !== undefined && { per_second: rate.perSecond }),
  ...(rate.perMinute !== undefined && { per_minute: rate.perMinute }),
  ...(rate.perHour !== undefined && { per_hour: rate.perHour }),
  at_once: rate.atOnce,
});

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
