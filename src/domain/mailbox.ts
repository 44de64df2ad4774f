/** No address is spelt longer, whatever stands around it. */
const LONGEST_TEXT = 2_000;
/** Octets (RFC 5321). */
const LONGEST_LOCAL_PART = 64;
const LONGEST_ADDRESS = 254;

const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** ASCII as East Asian keyboards write it: full-width and small forms. Other compatible forms may be another mailbox. */
const ASCII_FORMS = /[\uFE50-\uFE6F\uFF01-\uFF5E]/g;
/** A pair of angle brackets, perhaps with a name before it. */
const BRACKETED = /^[^<>@]*<([^<>]*)>$/;
const LINK = /^mailto:(?:\/\/)?([^?]*)(?:\?.*)?$/is;
const QUOTED = /^(["'])(.*)\1$/s;
/** Says the same as without the quotes, if it is a local part without them. */
const QUOTED_LOCAL_PART = /^"([^"\\]*)"@/;

const LOCAL_PART = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}"(),:;<>@[\\\]]+$/u;
const DOT_ASTRAY = /^\.|\.\.|\.$/;
/** In a URL, any other character of ASCII begins a port, a path, an escape or the like. */
const NAME_ONLY = /^(?:[a-z0-9.-]|\P{ASCII})+$/u;
/** At least two labels, the last of them not a number: that would be an IP address. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The address that a text spells, as Andon keeps, verifies and pushes it: lower case, composed Unicode, the domain in
 * ASCII, its tag kept. Null when it spells none, or more than one.
 */
export function addressOf(text: string): string | null {
  if (text.length > LONGEST_TEXT) return null;
  const [local = "", name = "", ...more] = cleaned(unwrapped(cleaned(text)))
    .replace(QUOTED_LOCAL_PART, "$1@")
    .toLowerCase()
    .normalize("NFC")
    .split("@");
  if (more.length > 0 || !LOCAL_PART.test(local) || DOT_ASTRAY.test(local)) return null;
  const domain = domainOf(name);
  if (domain === null || octets(local) > LONGEST_LOCAL_PART) return null;
  const address = `${local}@${domain}`;
  return octets(address) > LONGEST_ADDRESS ? null : address;
}

/** The key of an address's mailbox: the address without what follows a plus in it. */
export function mailboxOf(address: string): string {
  const at = address.lastIndexOf("@");
  const tag = address.indexOf("+", 1);
  return tag === -1 || tag > at ? address : address.slice(0, tag) + address.slice(at);
}

/** Whether mail to both arrives at one place, however they are spelt. What is no address is compared as a text. */
export function sameMailbox(a: string, b: string): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf(text: string): string {
  const address = addressOf(text);
  return address === null ? text.trim().toLowerCase() : mailboxOf(address);
}

function cleaned(text: string): string {
  const forms = text.replace(INVISIBLE, "").replace(ASCII_FORMS, (form) => form.normalize("NFKC"));
  return forms.normalize("NFC").trim();
}

/** Without what people and programs put around an address. */
function unwrapped(text: string): string {
  const inside = (QUOTED.exec(text)?.[2] ?? BRACKETED.exec(text)?.[1] ?? text).trim();
  const link = LINK.exec(inside)?.[1];
  if (link === undefined) return inside;
  try {
    return decodeURIComponent(link);
  } catch {
    return "";
  }
}

/** The platform's own URL reads a name as browsers do (UTS 46), and writes it in ASCII. */
function domainOf(name: string): string | null {
  if (!NAME_ONLY.test(name)) return null;
  try {
    const domain = new URL(`http://${name}`).hostname.replace(/\.$/, "");
    return DOMAIN.test(domain) ? domain : null;
  } catch {
    return null;
  }
}

function octets(text: string): number {
  return new TextEncoder().encode(text).length;
}
