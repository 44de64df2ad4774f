import { expect, test } from "vitest";
import { ALERT_EVENTS, type AlertFact, failingFact, openingFact } from "../../src/domain/alert.ts";
import type { Incident } from "../../src/domain/breaker.ts";
import type { Listener, NewDelivery } from "../../src/ports/alerts.ts";
import { announce } from "../../src/operations/alert/announce.ts";

const NOW = 100 * 60_000;
const NO_JOBS = { PENDING: 0, RUNNING: 0, PAUSED: 0, COMPLETED: 0, FAILED: 0, CANCELLED: 0 };

const anIncident = (openedMinutesAgo: number): Incident => ({
  id: "incident-1",
  epoch: 1,
  openedAt: NOW - openedMinutesAgo * 60_000,
  openedBy: "ada",
  reason: { source: "operator", message: "an audit" },
  followers: 0,
  closedAt: null,
  closedBy: null,
  note: null,
});

const aListener = (fields: Partial<Listener> = {}): Listener => ({
  id: "target-1",
  kind: "webhook",
  events: [...ALERT_EVENTS],
  stillOpenAfterMinutes: 15,
  createdAt: 0,
  ...fields,
});

interface World {
  listeners?: Listener[];
  overdue?: string[];
  waitsUntil?: number | null;
  facts?: AlertFact[];
  open?: Incident | null;
  isStillOpen?: boolean;
}

async function announced({ listeners = [aListener()], overdue = [], waitsUntil = null, ...about }: World) {
  const seen = { added: [] as NewDelivery[], sent: [] as string[], asked: 0 };
  const nextAt = await announce(
    {
      deliveries: {
        async audience() {
          seen.asked++;
          return { listeners, jobCounts: NO_JOBS };
        },
        async add(deliveries) {
          seen.added.push(...deliveries);
          return deliveries.map(({ id }) => id);
        },
        takeOverdue: async () => ({ overdue, nextAt: waitsUntil }),
      },
      queue: { send: async (ids) => void seen.sent.push(...ids) },
      now: () => NOW,
      tried: () => null,
      consoleOrigin: "",
      newId: () => `delivery-${seen.added.length}`,
    },
    { facts: about.facts ?? [], open: about.open ?? null, isStillOpen: () => about.isStillOpen ?? true },
  );
  const events = seen.added.map(({ targetId, event }) => `${targetId} ${event}`);
  return { ...seen, events, inMs: nextAt === null ? null : nextAt - NOW };
}

test("with nothing that happened and nothing that waits, nobody is asked and nothing comes again", async () => {
  expect(await announced({})).toMatchObject({ asked: 0, added: [], sent: [], inMs: null });
});

test("while the line stands, the targets are looked at within a minute, or when a reminder is due before", async () => {
  expect(await announced({ open: anIncident(3) })).toMatchObject({ events: [], inMs: 60_000 });
  expect(await announced({ open: anIncident(14.5) })).toMatchObject({ events: [], inMs: 30_000 });
  expect(await announced({ open: anIncident(3), listeners: [] })).toMatchObject({ inMs: 60_000 });
});

test("what waits is looked at when its message would be late, and within a minute", async () => {
  expect(await announced({ waitsUntil: NOW + 5_000 })).toMatchObject({ inMs: 20_000 });
  expect(await announced({ waitsUntil: NOW + 3_600_000 })).toMatchObject({ inMs: 60_000 });
});

test("what is late is sent again", async () => {
  expect((await announced({ overdue: ["lost"] })).sent).toEqual(["lost"]);
});

test("each target is told of what it chose", async () => {
  const listeners = [aListener(), aListener({ id: "target-2", events: ["breaker.closed"] })];
  const { events, sent } = await announced({ listeners, facts: [openingFact(anIncident(0), null)] });
  expect(events).toEqual(["target-1 breaker.opened"]);
  expect(sent).toHaveLength(1);
});

test("a target that was made after a reminder was due is not sent it, but the next", async () => {
  const listeners = [aListener({ createdAt: NOW - 60_000 })];
  expect(await announced({ listeners, open: anIncident(20) })).toMatchObject({ events: [] });
  expect((await announced({ listeners, open: anIncident(30) })).events).toEqual(["target-1 breaker.still_open"]);
});

test("a breaker that was closed meanwhile is not told to be open", async () => {
  expect((await announced({ open: anIncident(20), isStillOpen: false })).events).toEqual([]);
});

test("a streak of failures is told to the targets that were there when it began", async () => {
  const streak = { campaignId: "campaign-1", name: "Spring", reason: "refused", count: 30, since: NOW - 60_000 };
  const fact = failingFact(streak, { state: "closed", epoch: 4, lastIncident: null }, NOW);
  const listeners = [aListener({ createdAt: NOW - 60_000 }), aListener({ id: "target-2", createdAt: NOW - 59_999 })];
  expect((await announced({ listeners, facts: [fact] })).events).toEqual(["target-1 campaign.failing"]);
});
