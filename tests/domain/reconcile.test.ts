import { describe, expect, test } from "vitest";
import type { BreakerState } from "../../src/domain/breaker.ts";
import { compareWithGate, foundText, type SeenGate } from "../../src/domain/reconcile.ts";
import { anIncident } from "../contract/histories.ts";

const closedAt = (epoch: number): BreakerState => ({ state: "closed", epoch, lastIncident: null });
const openAt = (epoch: number): BreakerState => ({ state: "open", epoch, incident: anIncident({ epoch }) });
const gateAt = (epoch: number, lookedAt: number | null = 100): SeenGate => ({
  state: epoch % 2 === 0 ? "closed" : "open",
  epoch,
  reason: epoch % 2 === 0 ? null : "openai failed",
  lookedAt,
});
const AGREE = { agree: true };
const open = (epoch: number, restored = true) => ({ agree: false, becomes: "open", epoch, restored });

describe("Breaker and gate", () => {
  test.each([
    ["agree where all is as it was written", closedAt(4), { epoch: 4, lookedAt: 100 }, gateAt(4), AGREE],
    ["agree before the first look", closedAt(0), { epoch: 0, lookedAt: 0 }, gateAt(0, null), AGREE],
    ["agree while the gate has yet to follow", openAt(5), { epoch: 4, lookedAt: 100 }, gateAt(4), AGREE],
    [
      "agree when the database has a later look that was not noted",
      closedAt(4),
      { epoch: 4, lookedAt: 90 },
      gateAt(4),
      AGREE,
    ],
    [
      "do not when the gate went back an epoch: the line stops",
      closedAt(6),
      { epoch: 6, lookedAt: 100 },
      gateAt(4),
      open(7),
    ],
    ["do not when the gate went back to a stop", closedAt(6), { epoch: 6, lookedAt: 100 }, gateAt(5), open(7)],
    [
      "do not when the database went back within an epoch",
      closedAt(4),
      { epoch: 4, lookedAt: 101 },
      gateAt(4),
      open(5),
    ],
    ["do not when it tells of no look any more", closedAt(4), { epoch: 4, lookedAt: 1 }, gateAt(4, null), open(5)],
    [
      "do not when the gate went back under a stop, which stays",
      openAt(7),
      { epoch: 7, lookedAt: 100 },
      gateAt(4),
      open(7),
    ],
    ["do not when the gate is ahead with a stop", closedAt(2), { epoch: 2, lookedAt: 50 }, gateAt(9), open(9)],
    [
      "do not when the gate is ahead and closed, under a stop",
      openAt(3),
      { epoch: 3, lookedAt: 50 },
      gateAt(8),
      open(9),
    ],
    [
      "do not when the gate is ahead and closed: it is another database",
      closedAt(2),
      { epoch: 2, lookedAt: 50 },
      gateAt(8),
      open(9),
    ],
  ])("%s", (_what, breaker, known, gate, finding) => {
    expect(compareWithGate(breaker, known, gate)).toEqual(finding);
  });

  test("that is new adopts the gate's stop, or goes on from its epoch", () => {
    const known = { epoch: 0, lookedAt: 0 };
    expect(compareWithGate(closedAt(0), known, gateAt(9))).toEqual(open(9, false));
    expect(compareWithGate(closedAt(0), known, gateAt(8))).toEqual({ agree: false, becomes: "closed", epoch: 8 });
  });
});

test("an adopted stop has the gate's words", () => {
  expect(foundText({ restored: false }, gateAt(9))).toMatch(/close the breaker\. The database says: openai failed$/);
  expect(foundText({ restored: true }, gateAt(8))).toMatch(
    /taken back to an earlier moment.*then close the breaker\.$/,
  );
});
