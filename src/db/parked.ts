import { drizzle } from "drizzle-orm/d1";
import { parkedMessages } from "./schema.ts";

/** Keeps queue messages that no job can be made of, for a person to look at. A message that comes twice is kept once. */
export async function parkMessages(d1: D1Database, messages: (typeof parkedMessages.$inferInsert)[]): Promise<void> {
  const db = drizzle(d1);
  const [first, ...others] = messages.map((message) => db.insert(parkedMessages).values(message).onConflictDoNothing());
  if (first) await db.batch([first, ...others]);
}
