import { expect, test } from "vitest";
import { z } from "zod";
import { fieldProblem } from "../../src/wording/field-problem.ts";
import { CreateCampaign } from "../../src/contract/campaigns.ts";

const GOOD = {
  name: "A campaign",
  target_leads: 10,
  search: { person_titles: ["Head of Data"] },
  message: { sender_name: "Ada", offer: "reports" },
};

const problemOf = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value, { error: fieldProblem });
  return error?.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
};

test.each([
  [{ name: undefined }, "name is needed"],
  [{ name: 5 }, "name must be a text"],
  [{ name: "" }, "name must not be empty"],
  [{ name: "x".repeat(201) }, "name must not be longer than 200 characters"],
  [{ target_leads: "many" }, "target_leads must be a number"],
  [{ target_leads: 1.5 }, "target_leads must be a whole number"],
  [{ target_leads: 0 }, "target_leads must be at least 1"],
  [{ target_leads: 50_001 }, "target_leads must be at most 50000"],
  [{ search: {} }, "search needs at least one filter"],
  [{ search: { person_titles: "Head" } }, "search.person_titles must be a list"],
  [{ search: { person_titles: Array(101).fill("x") } }, "search.person_titles must not hold more than 100"],
  [{ refuse_catch_all: "yes" }, "refuse_catch_all must be true or false"],
])("%j: %s", (fields, problem) => {
  expect(problemOf(CreateCampaign, { ...GOOD, ...fields })).toEqual([problem]);
});

test.each([
  [z.uuid(), "17", "must be an id, as the lists show it"],
  [z.enum(["red", "green"]), "blue", "must be one of red, green"],
  [z.array(z.string()).min(1), [], "needs at least one"],
  [z.string().regex(/^a/), "b", "is not written as it must be"],
])("of a value that stands alone", (schema, value, problem) => {
  expect(problemOf(schema, value)).toEqual([` ${problem}`]);
});
