import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { thinOut } from "./rows.mjs";
import { dump, lookInto } from "./stored.mjs";

/** Of jobs that were put in, so many stay on each side of the place that the pause had reached. */
const KEPT = 3;

/**
 * Writes what an instance has stored as a fixture of the tests: D1, the Breaker, and what the sender holds.
 * @param {string} folder is made
 * @param {string | null} thinned the campaign of jobs that were put in
 */
export function keepFixture(folder, { instance: { state }, earlier, say, thinned = null }) {
  const target = resolve(folder);
  mkdirSync(target, { recursive: true });
  const keep = (name, what, text) =>
    writeFileSync(
      join(target, name),
      `-- ${what} as revision ${earlier.hash} left it. Made by npm run drill.\n${text}`,
    );
  const d1 = lookInto(state, "d1", (database) => {
    if (thinned) thinOut(database, { campaign: thinned, kept: KEPT });
    return dump(database);
  });
  keep("d1.sql", "D1", d1);
  keep("breaker.sql", "The Breaker's storage", lookInto(state, "breaker", dump));
  const sender = lookInto(state, "world", (database) =>
    database
      .prepare("SELECT id, name FROM sender_campaign ORDER BY n")
      .all()
      .map(({ id, name }) => ({ id, name, emails: emailsIn(database, id) })),
  );
  writeFileSync(join(target, "sender.json"), `${JSON.stringify(sender, null, 2)}\n`);
  say(`kept as a fixture in ${target}`);
}

const emailsIn = (database, campaign) =>
  database
    .prepare("SELECT email FROM sender_lead WHERE campaign = ? ORDER BY n")
    .all(campaign)
    .map(({ email }) => email);
