import { beforeEach, describe, expect, test, vi } from "vitest";
import { persist } from "../../src/platform/persist.ts";

/** The pauses that were made. Plain Node has no `scheduler`. */
let pausesMs: number[] = [];

beforeEach(() => {
  pausesMs = [];
  vi.stubGlobal("scheduler", {
    wait: async (ms: number) => {
      pausesMs.push(ms);
    },
  });
  return () => vi.unstubAllGlobals();
});

/** A write that fails with these errors, one after the other, and then succeeds. */
function aWrite(...errors: unknown[]) {
  const left = [...errors];
  const write = async () => {
    write.tries++;
    if (left.length > 0) throw left.shift();
    return "written";
  };
  write.tries = 0;
  return write;
}

const passing = () => new Error("D1_ERROR: Network connection lost.");

describe("a write", () => {
  test("that succeeds is made once, without a pause", async () => {
    const write = aWrite();
    expect(await persist(write)).toBe("written");
    expect(write.tries).toBe(1);
    expect(pausesMs).toEqual([]);
  });

  test("that the platform disturbs is made again, after growing pauses", async () => {
    const write = aWrite(passing(), passing(), passing());
    expect(await persist(write)).toBe("written");
    expect(write.tries).toBe(4);
    expect(pausesMs).toHaveLength(3);
    expect(pausesMs).toEqual(pausesMs.toSorted((one, other) => one - other));
  });

  test("that never succeeds is given up after five tries, with the platform's error", async () => {
    const write = aWrite(...Array.from({ length: 20 }, passing));
    await expect(persist(write)).rejects.toThrow("Network connection lost");
    expect(write.tries).toBe(5);
  });

  test("is given up within seconds: the lease is not waited away", async () => {
    await expect(persist(aWrite(...Array.from({ length: 20 }, passing)))).rejects.toThrow();
    expect(pausesMs.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
  });

  test("that a bug breaks is not made again", async () => {
    const write = aWrite(new TypeError("undefined is not a function"));
    await expect(persist(write)).rejects.toThrow(TypeError);
    expect(write.tries).toBe(1);
    expect(pausesMs).toEqual([]);
  });

  test("that a bug breaks at the second try is given up there", async () => {
    const write = aWrite(passing(), new TypeError("undefined is not a function"));
    await expect(persist(write)).rejects.toThrow(TypeError);
    expect(write.tries).toBe(2);
  });
});
