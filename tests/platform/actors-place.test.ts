import { expect, test } from "vitest";
import { createBreakerActor, createThrottleActor } from "../../src/platform/actors.ts";

/** A namespace of actors that notes where they are made. */
function aNamespace() {
  const made: unknown[] = [];
  const stub = { lastChecks: async () => [], nextSlotMs: async () => 0 };
  const within = (jurisdiction?: string) => ({
    getByName(name: string, place: object) {
      made.push({ name, ...(jurisdiction && { jurisdiction }), ...place });
      return stub;
    },
    jurisdiction: within,
  });
  return { made, namespace: within() };
}

test.each([
  { LOCATION_HINT: "weur", JURISDICTION: "", place: { locationHint: "weur" } },
  { LOCATION_HINT: "", JURISDICTION: "eu", place: { jurisdiction: "eu" } },
  { LOCATION_HINT: "", JURISDICTION: "", place: {} },
])("the Breaker and the throttles are made in $place", async ({ place, ...vars }) => {
  const { made, namespace } = aNamespace();
  const env = { ...vars, BREAKER: namespace, THROTTLE: namespace } as unknown as Env;
  await createBreakerActor(env).lastChecks();
  await createThrottleActor(env, "openai").nextSlotMs();
  expect(made).toEqual([
    { name: "global", ...place },
    { name: "openai", ...place },
  ]);
});

test("a location that does not exist is said, and nothing is made", () => {
  const env = { LOCATION_HINT: "moon", JURISDICTION: "", BREAKER: aNamespace().namespace } as unknown as Env;
  expect(() => createBreakerActor(env).stop("ada", "")).toThrow("LOCATION_HINT");
});
