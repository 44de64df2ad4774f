import { statement } from "./sql.ts";

export interface ParkedMessage {
  id: string;
  queue: string;
  body: string;
  problem: string;
  parkedAt: number;
}

const SQL = `INSERT OR IGNORE INTO parked_messages (id, queue, body, problem, parked_at)
  VALUES (:id, :queue, :body, :problem, :parkedAt)`;

/** Keeps queue messages that no job can be made of, for a person to look at. A message that comes twice is kept once. */
export async function parkMessages(db: D1Database, messages: ParkedMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await db.batch(messages.map((message) => statement(db, SQL, { ...message })));
}
