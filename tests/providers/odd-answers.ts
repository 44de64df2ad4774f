import type { Providers } from "../../src/ports/providers.ts";
import { aBrief, aCopy, aLead, anAddition } from "./builders.ts";
import { WRITE } from "./odd-model-answers.ts";
import { RESEARCH, type Row } from "./odd-research-answers.ts";

// What a second look found in public reports and built from them: each row is one answer, and what is right.

export const CALLS = {
  search: ({ apollo }: Providers) => apollo.search({ person_titles: ["CEO"] }, 1),
  reveal: ({ apollo }: Providers) => apollo.reveal(["p1", "p2"]),
  verify: ({ millionverifier }: Providers) => millionverifier.verify("ada@engines.example"),
  research: ({ perplexity }: Providers) => perplexity.research(aLead()),
  write: ({ openai }: Providers) => openai.write(aBrief()),
  addLead: ({ instantly }: Providers) => instantly.addLead("c1", aLead(), aCopy()),
  findLead: ({ instantly }: Providers) => instantly.findLead("c1", "ada@engines.example"),
  findCampaign: ({ instantly }: Providers) => instantly.findCampaign("Spring"),
  lookUpCampaign: ({ instantly }: Providers) => instantly.lookUpCampaign("c1"),
};

const aMatch = (changes: object = {}) => ({ id: "p1", email: "ada@engines.example", ...changes });
const revealed = (matches: unknown[], changes: object = {}) => ({
  status: "success",
  credits_consumed: 1,
  matches,
  ...changes,
});
const verified = (changes: object = {}) => ({ result: "ok", resultcode: 1, subresult: "ok", error: "", ...changes });
const problem = (statusCode: number, message: string) => ({ statusCode, error: "Error", message });
const strangers = Array.from({ length: 100 }, (_, n) => ({
  id: `l${n}`,
  email: `s${n}@x.example`,
  name: `Other ${n}`,
}));

export const TABLE: Record<keyof typeof CALLS, Row[]> = {
  search: [
    [
      "an error beside an empty page",
      200,
      { error: "Insufficient credits", total_entries: 0, people: [] },
      "out_of_credit",
    ],
    ["nobody on the first page of many", 200, { total_entries: 5_000, people: [] }, "malformed"],
    [
      "one row that is no person",
      200,
      { total_entries: 2, people: [null, "p9", { id: "p1", has_email: true }] },
      "answered",
    ],
    [
      "a filter that is refused, with a word that is ours too",
      422,
      { error: "Store Manager is not a valid ID" },
      "refused",
    ],
    ["a refused key under 422", 422, { error: "Invalid access credentials." }, "unauthorized"],
    [
      "an endpoint that the key may not use, under 422",
      422,
      { error: "Not yours", error_code: "API_INACCESSIBLE" },
      "unauthorized",
    ],
    [
      "an error inside a 200 with its code",
      200,
      { error: "Invalid access credentials.", error_code: "INVALID_ACCESS_TOKEN" },
      "unauthorized",
    ],
  ],
  reveal: [
    [
      "an error beside nobody",
      200,
      revealed([], { error: "Insufficient credits. Please upgrade your plan." }),
      "out_of_credit",
    ],
    ["a failure that is only in its status", 200, revealed([], { status: "failed" }), "server_error"],
    ["one match without an id", 200, revealed([aMatch(), aMatch({ id: null })]), "answered"],
    ["one match that is nothing", 200, revealed([aMatch(), {}]), "answered"],
    ["one address that is no text", 200, revealed([aMatch(), aMatch({ id: "p2", email: 7 })]), "answered"],
    ["a match without an address field", 200, revealed([aMatch(), { id: "p2" }]), "malformed"],
    [
      "an exception of theirs in a JSON text",
      422,
      { message: '{"error_code":"UNKNOWN_ERROR","error_message":"no implicit conversion"}' },
      "server_error",
    ],
    ["not enough credits under 422", 422, { error: "You do not have enough credits for this." }, "out_of_credit"],
  ],
  verify: [
    ["an error beside a verdict", 200, verified({ error: "insufficient_credits" }), "out_of_credit"],
    [
      "no credits left, in other words",
      200,
      verified({ result: "error", resultcode: 4, error: "You have no credits left" }),
      "out_of_credit",
    ],
    [
      "an address that it cannot read",
      200,
      verified({ result: "error", resultcode: 4, error: "Invalid email address" }),
      "refused",
    ],
    [
      "the same as a subresult",
      200,
      verified({ result: "error", resultcode: 4, subresult: "syntax_error" }),
      "refused",
    ],
    ["an error field of another type", 200, verified({ error: false }), "answered"],
    ["a verdict named like what every object has", 200, verified({ result: "constructor" }), "malformed"],
    ["a refused key under 400", 400, { error: "apikey_not_found" }, "unauthorized"],
    ["an internal error under 400", 400, { error: "internal_error" }, "server_error"],
    ["an address that holds a word of ours", 400, { error: "Invalid email: tools@engines.example" }, "refused"],
  ],
  research: RESEARCH,
  write: WRITE,
  addLead: [
    ["an address that holds a word of ours", 400, problem(400, "Invalid lead email: store@engines.example"), "refused"],
    ["a refused key under 400", 400, problem(400, "Invalid API key"), "unauthorized"],
    ["a full plan under 400", 400, problem(400, "You have reached your plan's lead limit"), "out_of_credit"],
    [
      "a full plan in the status alone",
      200,
      anAddition({ status: "Lead upload limit reached for your plan", remaining_in_plan: null }),
      "out_of_credit",
    ],
    ["a long text of one lead", 400, problem(400, "Lead personalization limit of 10000 exceeded"), "refused"],
    ["a field of ours", 400, problem(400, "body/leads/0/custom_variables must be object"), "malformed"],
    ["a campaign id of the wrong form", 400, problem(400, 'body/campaign_id must match format "uuid"'), "refused"],
    ["no such address", 404, "Cannot POST /api/v2/leads/add", "malformed"],
    ["a gateway's 404", 404, "<html><h1>404 Not Found</h1></html>", "malformed"],
    [
      "a blocked address with a lead that was never uploaded",
      200,
      anAddition({ in_blocklist: 1, created_leads: [{ id: "l1" }] }),
      "refused",
    ],
  ],
  findLead: [
    ["an error beside nobody", 200, { error: "ACC_UNKNOWN_ERROR", items: [] }, "server_error"],
    ["a whole page of strangers", 200, { items: strangers, next_starting_after: "l99" }, "malformed"],
    ["one odd item", 200, { items: [{ id: "" }, { id: "l1", email: "ada@engines.example" }] }, "answered"],
    ["items of another shape alone", 200, { items: [{ lead: "l1" }] }, "malformed"],
  ],
  findCampaign: [
    ["a whole page of others", 200, { items: strangers }, "malformed"],
    [
      "one without a name",
      200,
      {
        items: [
          { id: "c1", name: null },
          { id: "c2", name: "Spring" },
        ],
      },
      "answered",
    ],
  ],
  lookUpCampaign: [
    ["an id of the wrong form, with a word of ours", 400, problem(400, "Invalid campaign id: Tools"), "refused"],
  ],
};
