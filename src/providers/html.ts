/** A plain text as it stands in the body of an HTML e-mail: what marks are made of is escaped, and lines stay lines. */
export function htmlOf(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/\r\n|\r|\n/g, "<br/>");
}
