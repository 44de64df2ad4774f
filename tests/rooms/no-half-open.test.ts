import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** What the older system had, and this one must not grow again. */
const FORBIDDEN = {
  "a third state": /half[\s_-]?open(ed)?/i,
  "a list of unavailable services": /unavailable[\s_-]?(service|provider)s?|(service|provider)s?[\s_-]?unavailable/i,
  "a breaker per service":
    /(service|provider|apollo|millionverifier|perplexity|openai|instantly)s?[\s_-]?(circuit[\s_-]?)?breakers?\b|breakers?[\s_-]?(per|by|for|of)[\s_(-]?(each[\s_-]?)?(service|provider)s?/i,
  "counting failures": /(failure|error|fault)s?[\s_-]?threshold|consecutive[\s_-]?(failure|error|fault)s?/i,
  "closing by itself":
    /auto(matic(ally)?)?[\s_-]?(close|reset|recover)|(reset|recovery|cool[\s_-]?down)[\s_-]?(timeout|period|ms)/i,
};

const ROOMS = ["src", "durable-objects", "migrations"];

function violations(name: string, text: string) {
  return Object.entries(FORBIDDEN).flatMap(([what, pattern]) => {
    const found = pattern.exec(text);
    return found ? [`${name}: ${what}: ${found[0]}`] : [];
  });
}

test("no code knows a third state, unavailable services, a breaker per service, a threshold, or a breaker that closes itself", () => {
  const files = ROOMS.flatMap((room) =>
    readdirSync(room, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`),
  );
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap((file) => violations(file, readFileSync(file, "utf8")))).toEqual([]);
});

test.each([
  "state: 'half_open'",
  "if (isHalfOpen)",
  "the half-open state",
  "HALF OPEN",
  "unavailable_services",
  "unavailableServices: string[]",
  "UNAVAILABLE SERVICES",
  "serviceBreaker",
  "providerBreakers",
  "openaiCircuitBreaker",
  "breaker_by_service",
  "breakerFor(provider)",
  "a breaker per provider",
  "failureThreshold: 5",
  "consecutive failures",
  "resetTimeout",
  "autoClose()",
  "cooldownMs",
])("the guard sees %j", (planted) => {
  expect(violations("planted.ts", planted)).not.toEqual([]);
});
