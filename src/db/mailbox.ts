import { mailboxOf } from "../domain/mailbox.ts";

/** Where the addresses of one mailbox lie in the index of addresses. A comma follows the plus in ASCII. */
export interface MailboxRange {
  /** The address without a tag; those with one lie between `above` and `below`, and end in `domain`. */
  mailbox: string;
  above: string;
  below: string;
  domain: string;
}

export function mailboxRange(address: string): MailboxRange {
  const mailbox = mailboxOf(address);
  const at = mailbox.lastIndexOf("@");
  const local = mailbox.slice(0, at);
  return { mailbox, above: `${local}+`, below: `${local},`, domain: mailbox.slice(at) };
}

/** Of the leads called `lead`, those with a tag in the mailbox that the row `m` of a JSON list names. */
export const taggedIn = (
  lead: string,
): string => `${lead}.email > m.value ->> 'above' AND ${lead}.email < m.value ->> 'below'
  AND substr(${lead}.email, -length(m.value ->> 'domain')) = m.value ->> 'domain'`;

/** Whether some lead has the mailbox that the row `m` of a JSON list names. Two searches of the index of addresses. */
export const MAILBOX_TAKEN = `(EXISTS (SELECT 1 FROM leads AS other WHERE other.email = m.value ->> 'mailbox')
  OR EXISTS (SELECT 1 FROM leads AS other WHERE ${taggedIn("other")}))`;
