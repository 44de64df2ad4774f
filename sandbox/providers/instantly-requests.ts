import { z } from "zod";

const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;

/** Its own list, in which many usual ones are missing. */
const TIME_ZONES =
  `Etc/GMT+12 Etc/GMT+11 Etc/GMT+10 America/Anchorage America/Dawson America/Creston America/Chihuahua America/Boise
  America/Belize America/Chicago America/Bahia_Banderas America/Regina America/Bogota America/Detroit America/Indiana/Marengo
  America/Caracas America/Asuncion America/Glace_Bay America/Campo_Grande America/Anguilla America/Santiago America/St_Johns
  America/Sao_Paulo America/Argentina/La_Rioja America/Araguaina America/Godthab America/Montevideo America/Bahia
  America/Noronha America/Scoresbysund Atlantic/Cape_Verde Africa/Casablanca America/Danmarkshavn Europe/Isle_of_Man
  Atlantic/Canary Africa/Abidjan Arctic/Longyearbyen Europe/Belgrade Africa/Ceuta Europe/Sarajevo Africa/Algiers
  Africa/Windhoek Asia/Nicosia Asia/Beirut Africa/Cairo Asia/Damascus Europe/Bucharest Africa/Blantyre Europe/Helsinki
  Europe/Istanbul Asia/Jerusalem Africa/Tripoli Asia/Amman Asia/Baghdad Europe/Kaliningrad Asia/Aden Africa/Addis_Ababa
  Europe/Kirov Europe/Astrakhan Asia/Tehran Asia/Dubai Asia/Baku Indian/Mahe Asia/Tbilisi Asia/Yerevan Asia/Kabul
  Antarctica/Mawson Asia/Yekaterinburg Asia/Karachi Asia/Kolkata Asia/Colombo Asia/Kathmandu Antarctica/Vostok Asia/Dhaka
  Asia/Rangoon Antarctica/Davis Asia/Novokuznetsk Asia/Hong_Kong Asia/Krasnoyarsk Asia/Brunei Australia/Perth Asia/Taipei
  Asia/Choibalsan Asia/Irkutsk Asia/Dili Asia/Pyongyang Australia/Adelaide Australia/Darwin Australia/Brisbane
  Australia/Melbourne Antarctica/DumontDUrville Australia/Currie Asia/Chita Antarctica/Macquarie Asia/Sakhalin
  Pacific/Auckland Etc/GMT-12 Pacific/Fiji Asia/Anadyr Asia/Kamchatka Etc/GMT-13 Pacific/Apia`.split(/\s+/);

const limit = z.coerce.number().int().min(1).max(100).default(10);
const nullableText = z.string({ error: "must be string,null" }).nullable();
const time = z.string().regex(TIME);

export const CampaignParams = z.object({ id: z.uuid() });

export const ListCampaigns = z.object({ limit, search: z.string().default(""), starting_after: z.string().optional() });

const Schedule = z.object({
  name: z.string().min(1),
  timing: z.object({ from: time, to: time }),
  days: z
    .partialRecord(z.enum(["0", "1", "2", "3", "4", "5", "6"]), z.boolean())
    .refine((days) => Object.keys(days).length > 0, "must NOT have fewer than 1 properties"),
  timezone: z.enum(TIME_ZONES),
});

export const CreateCampaign = z.looseObject({
  name: z.string().min(1),
  campaign_schedule: z.looseObject({ schedules: z.array(Schedule).min(1) }),
});

export const AddLeads = z.object({
  campaign_id: z.uuid(),
  leads: z
    .array(
      z.looseObject({
        email: nullableText.optional(),
        first_name: nullableText.optional(),
        last_name: nullableText.optional(),
        company_name: nullableText.optional(),
        personalization: nullableText.optional(),
      }),
    )
    .min(1)
    .max(1000),
  skip_if_in_campaign: z.boolean().default(false),
});

export const ListLeads = z.object({
  campaign: z.uuid().optional(),
  contacts: z.array(z.string()).max(100).optional(),
  limit,
  starting_after: z.string().optional(),
});

/** A request, or what is wrong with it in Instantly's words: `body/leads/0/email must be string,null`. */
export function read<T>(schema: z.ZodType<T>, value: unknown, where: "body" | "params" | "querystring") {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return { ok: true as const, value: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false as const, problem: issue ? problemOf(issue, where) : `${where} is invalid` };
}

function problemOf(issue: z.core.$ZodIssue, where: string): string {
  const path = [where, ...issue.path].join("/");
  if (issue.code === "invalid_type" && issue.input === undefined && issue.path.length > 0) {
    return `${[where, ...issue.path.slice(0, -1)].join("/")} must have required property '${String(issue.path.at(-1))}'`;
  }
  return `${path} ${wordsOf(issue)}`;
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith("must ")) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${issue.expected}`;
    case "too_small":
      return `must NOT have fewer than ${issue.minimum} ${unitOf(issue.origin)}`;
    case "too_big":
      return `must NOT have more than ${issue.maximum} ${unitOf(issue.origin)}`;
    case "invalid_format":
      return issue.format === "uuid" ? 'must match format "uuid"' : `must match pattern "${issue.pattern}"`;
    case "invalid_value":
      return "must be equal to one of the allowed values";
    case "unrecognized_keys":
    case "invalid_key":
      return "must NOT have additional properties";
    case "not_multiple_of":
    case "invalid_union":
    case "invalid_element":
    case "custom":
      return "is invalid";
  }
}

const unitOf = (origin: string) => (origin === "array" ? "items" : "characters");
