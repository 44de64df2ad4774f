import { expect, test } from "vitest";
import { mayActAs, type Role } from "../../src/domain/role.ts";

test.each<[Role, Role, boolean]>([
  ["viewer", "viewer", true],
  ["viewer", "operator", false],
  ["viewer", "admin", false],
  ["operator", "viewer", true],
  ["operator", "operator", true],
  ["operator", "admin", false],
  ["admin", "viewer", true],
  ["admin", "operator", true],
  ["admin", "admin", true],
])("whether a %s may act as %s: %s", (role, needed, may) => {
  expect(mayActAs(role, needed)).toBe(may);
});
