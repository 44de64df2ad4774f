import { applyD1Migrations, type D1Migration, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { call } from "./line.ts";
import { theBreaker } from "./rows.ts";

/** What an earlier revision stored, as `npm run drill -- upgrade --keep-fixture` wrote it down. */
export interface StoredState {
  /** SQL that makes its tables and rows. */
  d1: string;
  breaker: string;
  /** The sender's campaigns, in the order in which they were made: their ids come again with it. */
  sender: { id: string; name: string; emails: string[] }[];
}

const NOT_THE_PLATFORMS = "name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
const OURS = `SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND ${NOT_THE_PLATFORMS} ORDER BY type DESC`;
const dropOf = ({ type, name }: { type: string; name: string }) => `DROP ${type} "${name}"`;

/** Takes the place of all that the runtime has stored. Nothing runs on it before its Breaker is woken. */
export async function storeEarlier({ d1, breaker, sender }: StoredState): Promise<void> {
  // What is under way ends, and nothing wakes it between the first write and the last.
  await calmBreaker();
  await evictDurableObject(theBreaker());
  await calmBreaker();
  const old = await env.DB.prepare(OURS).all<{ type: string; name: string }>();
  const statements = d1.split(/;\n+(?=[A-Z-]|$)/).filter((each) => each.trim() !== "");
  await env.DB.batch([...old.results.map(dropOf), ...statements].map((each) => env.DB.prepare(each)));
  await runInDurableObject(theBreaker(), (_, { storage: { sql } }) => {
    const mine = sql.exec<{ type: string; name: string }>(OURS).toArray();
    for (const each of mine) sql.exec(dropOf(each));
    sql.exec(breaker);
  });
  await evictDurableObject(theBreaker());
  await call("POST", "/sandbox/reset");
  for (const campaign of sender) await hold(campaign);
}

/** As the next deploy does. */
export const migrate = () => applyD1Migrations(env.DB, (env as unknown as { MIGRATIONS: D1Migration[] }).MIGRATIONS);

const calmBreaker = () => runInDurableObject(theBreaker(), (_, { storage }) => storage.deleteAlarm());

/** Makes a campaign at the sender, with the leads that it held. It has an id of its own there, which the rows are told. */
async function hold({ id, name, emails }: StoredState["sender"][number]): Promise<void> {
  const schedule = {
    name: "Any",
    timing: { from: "09:00", to: "17:00" },
    days: { "1": true },
    timezone: "America/Chicago",
  };
  const made = await ask("/campaigns", { name, campaign_schedule: { schedules: [schedule] } });
  const holding = String(made["id"]);
  await env.DB.prepare("UPDATE campaigns SET instantly_campaign_id = ?2 WHERE instantly_campaign_id = ?1")
    .bind(id, holding)
    .run();
  if (emails.length > 0) await ask("/leads/add", { campaign_id: holding, leads: emails.map((email) => ({ email })) });
}

async function ask(path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { authorization: "Bearer sandbox-key", "content-type": "application/json" };
  const request = new Request(`https://api.instantly.ai/api/v2${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  const response = await env.SANDBOX?.fetch(request);
  if (!response?.ok) throw new Error(`The sandbox's sender answered ${response?.status} to ${path}`);
  return response.json();
}
