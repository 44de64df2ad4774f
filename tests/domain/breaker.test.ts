import { describe, expect, test } from "vitest";
import {
  type BreakerState,
  close,
  decideTrip,
  type FaultReport,
  type Incident,
  openByHand,
  type Reason,
  reasonText,
} from "../../src/domain/breaker.ts";
import { FAULT_KINDS, PROVIDERS, type ServiceFault } from "../../src/domain/fault.ts";

type Open = BreakerState & { state: "open" };
type Closed = BreakerState & { state: "closed" };

const OPENING = { id: "incident-2", now: 5_000 };
const BY_ANN = { by: "ann", note: "key renewed", now: 9_000 };

function aClosedBreaker(changes: Partial<Closed> = {}): Closed {
  return { state: "closed", epoch: 0, lastIncident: null, ...changes };
}

function anOpenBreaker(changes: Partial<Open> = {}): Open {
  const { epoch = 1 } = changes;
  return { state: "open", epoch, incident: anIncident({ epoch }), ...changes };
}

function anIncident(changes: Partial<Incident> = {}): Incident {
  return {
    id: "incident-1",
    epoch: 1,
    openedAt: 1_000,
    openedBy: "openai",
    reason: { source: "operator", message: "maintenance" },
    followers: 0,
    closedAt: null,
    closedBy: null,
    note: null,
    ...changes,
  };
}

function aFault(changes: Partial<ServiceFault> = {}): ServiceFault {
  return { provider: "openai", kind: "server_error", httpStatus: 500, message: "try later", ...changes };
}

function aReport(changes: Partial<FaultReport> = {}): FaultReport {
  return { fault: aFault(), epoch: 0, jobId: "job-1", campaignId: "campaign-1", ...changes };
}

describe("a fault", () => {
  test.each(FAULT_KINDS)("of kind %s opens a closed breaker at once", (kind) => {
    const trip = decideTrip(aClosedBreaker(), aReport({ fault: aFault({ kind }) }), OPENING);
    expect(trip).toMatchObject({ decision: "opens", next: { state: "open", incident: { reason: { kind } } } });
  });

  test.each(PROVIDERS)("of %s opens the one breaker that there is", (provider) => {
    const trip = decideTrip(aClosedBreaker(), aReport({ fault: aFault({ provider }) }), OPENING);
    expect(trip).toMatchObject({ decision: "opens", next: { incident: { openedBy: provider, reason: { provider } } } });
  });

  test("that opens is kept with its service, error, job, campaign and time", () => {
    const trip = decideTrip(aClosedBreaker(), aReport(), OPENING);
    expect(trip).toEqual({
      decision: "opens",
      next: {
        state: "open",
        epoch: 1,
        incident: {
          id: "incident-2",
          epoch: 1,
          openedAt: 5_000,
          openedBy: "openai",
          reason: { source: "provider", ...aFault(), jobId: "job-1", campaignId: "campaign-1" },
          followers: 0,
          closedAt: null,
          closedBy: null,
          note: null,
        },
      },
    });
  });

  test("without a job, as of a check, opens all the same", () => {
    const trip = decideTrip(aClosedBreaker(), aReport({ jobId: null, campaignId: null }), OPENING);
    expect(trip.decision).toBe("opens");
  });

  test("whose call began before the opening follows the open incident", () => {
    expect(decideTrip(anOpenBreaker(), aReport({ epoch: 0 }), OPENING)).toEqual({
      decision: "follows",
      incidentId: "incident-1",
    });
  });

  test("reported while open never changes why it opened", () => {
    const breaker = anOpenBreaker({ epoch: 7 });
    for (const epoch of [6, 7]) {
      expect(decideTrip(breaker, aReport({ epoch }), OPENING)).toEqual({
        decision: "follows",
        incidentId: "incident-1",
      });
    }
  });

  test("from before a close belongs to the incident of that time and re-opens nothing", () => {
    expect(decideTrip(aClosedBreaker({ epoch: 2 }), aReport({ epoch: 0 }), OPENING)).toEqual({
      decision: "belongs_to_earlier",
      incidentEpoch: 1,
    });
  });

  test("from two stops ago belongs there, also while the line stands again", () => {
    expect(decideTrip(anOpenBreaker({ epoch: 5 }), aReport({ epoch: 2 }), OPENING)).toEqual({
      decision: "belongs_to_earlier",
      incidentEpoch: 3,
    });
  });

  test("of a call that began after the close opens again", () => {
    const trip = decideTrip(aClosedBreaker({ epoch: 2 }), aReport({ epoch: 2 }), OPENING);
    expect(trip).toMatchObject({ decision: "opens", next: { epoch: 3, incident: { epoch: 3 } } });
  });

  test("never re-opens a breaker from any epoch before its own", () => {
    for (let now = 2; now <= 20; now += 2) {
      for (let then = 0; then < now; then += 2) {
        const trip = decideTrip(aClosedBreaker({ epoch: now }), aReport({ epoch: then }), OPENING);
        expect(trip).toEqual({ decision: "belongs_to_earlier", incidentEpoch: then + 1 });
      }
    }
  });
});

describe("the epoch", () => {
  test("rises by one with every change, even when closed and odd when open", () => {
    let breaker: BreakerState = aClosedBreaker();
    for (let round = 0; round < 5; round++) {
      const trip = decideTrip(breaker, aReport({ epoch: breaker.epoch }), OPENING);
      if (trip.decision !== "opens") throw new Error(`round ${round}: the fault did not open`);
      expect(trip.next.epoch).toBe(2 * round + 1);
      expect(trip.next.incident.epoch).toBe(trip.next.epoch);
      const closed = close(trip.next, BY_ANN);
      expect(closed?.epoch).toBe(2 * round + 2);
      breaker = closed ?? breaker;
    }
  });

  test("does not rise when nothing changes", () => {
    expect(close(aClosedBreaker({ epoch: 4 }), BY_ANN)).toBeNull();
    expect(openByHand(anOpenBreaker({ epoch: 5 }), "again", { ...OPENING, by: "ann" })).toBeNull();
  });
});

describe("an operator", () => {
  test("opens a closed breaker, and is named", () => {
    expect(openByHand(aClosedBreaker(), "maintenance", { ...OPENING, by: "ann" })).toMatchObject({
      state: "open",
      epoch: 1,
      incident: { openedBy: "ann", openedAt: 5_000, reason: { source: "operator", message: "maintenance" } },
    });
  });

  test("who opens an open breaker changes nothing", () => {
    const once = openByHand(aClosedBreaker(), "maintenance", { ...OPENING, by: "ann" });
    if (!once) throw new Error("the first opening did nothing");
    expect(openByHand(once, "me too", { id: "incident-3", now: 6_000, by: "bob" })).toBeNull();
  });

  test("who closes is kept in the incident, with the time and the note", () => {
    expect(close(anOpenBreaker(), BY_ANN)).toEqual({
      state: "closed",
      epoch: 2,
      lastIncident: anIncident({ closedAt: 9_000, closedBy: "ann", note: "key renewed" }),
    });
  });

  test("who closes a closed breaker changes nothing", () => {
    expect(close(aClosedBreaker(), BY_ANN)).toBeNull();
  });

  test("who closes leaves the open breaker's own value as it was", () => {
    const open = anOpenBreaker();
    close(open, BY_ANN);
    expect(open).toEqual(anOpenBreaker());
  });
});

describe("the reason's text", () => {
  const ofProvider = (changes: Partial<ServiceFault>): Reason => ({
    ...aFault(changes),
    source: "provider",
    jobId: "job-1",
    campaignId: "campaign-1",
  });

  test("names the service, the kind, the status and the service's words", () => {
    expect(reasonText(ofProvider({}))).toBe("openai failed (server_error, HTTP 500): try later");
  });

  test("names no status when no answer came", () => {
    expect(reasonText(ofProvider({ kind: "timeout", httpStatus: null, message: "no answer in 20 s" }))).toBe(
      "openai failed (timeout): no answer in 20 s",
    );
  });

  test("names the operator's words", () => {
    expect(reasonText({ source: "operator", message: "maintenance" })).toBe("Paused by an operator: maintenance");
  });

  test("is one line and adds no address of a service, where a key could stand", () => {
    for (const provider of PROVIDERS) {
      for (const kind of FAULT_KINDS) {
        const text = reasonText(ofProvider({ provider, kind }));
        expect(text).not.toMatch(/https?:|www\.|\?|\n/);
        expect(text).toContain(provider);
        expect(text).toContain(kind);
      }
    }
  });
});
