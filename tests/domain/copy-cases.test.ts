import { expect, test } from "vitest";
import { copyProblem, mendedCopy } from "../../src/domain/copy.ts";
import copies from "../cases/copies.json";
import written from "../cases/written-copies.json";

interface Case {
  what: string;
  copy: { subject: string; body: string };
  sendable: boolean;
  first_name?: string;
  mendable?: boolean;
}

const cases: Case[] = [...copies.cases, ...written.cases];

const lead = (each: Case) => ({ ...copies.lead, firstName: each.first_name ?? copies.lead.firstName });

test.each(cases)("$what: may it be sent? ($sendable)", (each) => {
  expect(copyProblem(each.copy, lead(each)) === null).toBe(each.sendable);
});

test.each(cases.filter(({ sendable }) => sendable))("$what: stays as it is when it is mended", (each) => {
  expect(mendedCopy(each.copy)).toEqual(each.copy);
});

test.each(cases.filter(({ mendable }) => mendable))("$what: may be sent when it is mended", (each) => {
  expect(copyProblem(mendedCopy(each.copy), lead(each))).toBeNull();
});
