import { leadView } from "../contract/leads.ts";
import type { Lists } from "../db/lists.ts";

const COLUMNS = [
  "lead_id",
  "email",
  "first_name",
  "last_name",
  "title",
  "company",
  "stage",
  "outcome",
  "error",
  "subject",
  "body",
] as const;
const PAGE = 200;

/** A campaign's leads as CSV (RFC 4180), read and written a page at a time. */
export function resultsCsv(lists: Lists, campaignId: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let cursor: string | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`${COLUMNS.join(",")}\r\n`));
    },
    async pull(controller) {
      const rows = await lists.leads({ campaignId }, { limit: PAGE, cursor });
      const shown = rows.slice(0, PAGE);
      const lines = shown.map((row) => {
        const lead = {
          ...leadView(row),
          lead_id: row.id,
          subject: row.copy?.subject ?? "",
          body: row.copy?.body ?? "",
        };
        return `${COLUMNS.map((column) => cell(lead[column] ?? "")).join(",")}\r\n`;
      });
      if (lines.length > 0) controller.enqueue(encoder.encode(lines.join("")));
      cursor = shown.at(-1)?.id;
      if (rows.length <= PAGE) controller.close();
    },
  });
}

/** Quoted where needed; a text that a spreadsheet would take for a formula is made plain text. */
function cell(value: string): string {
  const plain = /^[=+\-@＝＋－＠\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
