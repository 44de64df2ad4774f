import { describe, expect, test } from "vitest";
import { dueAt, nextAt, Times } from "../../durable-objects/breaker/schedule.ts";

describe("what the Breaker owes", () => {
  test("nothing owed is never due", () => {
    expect([dueAt({}, 1_000), nextAt({})]).toEqual([null, null]);
  });

  test("of what is due, the gate comes first, and the watchdog's look before the resume", () => {
    const schedule = { resume: 0, look: 5, gate: 10 };
    expect([9, 10].map((now) => dueAt(schedule, now))).toEqual(["look", "gate"]);
    expect(dueAt({ resume: 0, look: 5 }, 4)).toBe("resume");
    expect(dueAt({ resume: 7, alerts: 7 }, 6)).toBeNull();
  });

  test("the alarm is set for the first of all", () => {
    expect(nextAt({ look: 5_000, alerts: 3_000 })).toBe(3_000);
  });
});

describe("the watchdog's look", () => {
  test("in a new life is due as long after the last one as ever", () => {
    expect(new Times().lookAt(7)).toBe(7);
  });

  test("is not put off by who asks for a later one", () => {
    const times = new Times();
    times.askForLook(9_000);
    expect(times.lookAt(5_000)).toBe(5_000);
    times.askForLook(100);
    expect(times.lookAt(5_000)).toBe(100);
  });

  test("that has begun answers who had asked, and not who asks while it is under way", () => {
    const times = new Times();
    times.askForLook(0);
    times.beginLook();
    times.endLook(false);
    expect(times.lookAt(5_000)).toBeNull();
    times.beginLook();
    times.askForLook(300);
    times.endLook(false);
    expect(times.lookAt(5_000)).toBe(300);
  });

  test("that saw no work is followed by another where work was announced while it was under way", () => {
    const times = new Times();
    times.beginLook();
    times.wake();
    times.endLook(false);
    expect(times.lookAt(5_000)).toBe(5_000);
    times.beginLook();
    times.endLook(false);
    expect(times.lookAt(5_000)).toBeNull();
    times.wake();
    expect(times.lookAt(5_000)).toBe(5_000);
  });
});
