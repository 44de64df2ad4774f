import type { Copy, LeadProfile, MessageBrief } from "./lead.ts";
import { folded } from "./letters.ts";

/** A link or an e-mail address, and the same as it is compared. */
interface Found {
  shown: string;
  /** Host, port and path, in small letters, without scheme, "www." and a slash at its end; or an e-mail address. */
  target: string;
  kind: "scheme" | "bare" | "email";
}

/** What a message may repeat: what the campaign's brief and the lead's own data hold. */
export interface Known {
  /** The brief's texts. Null where nobody told the brief: then no link is allowed. */
  brief: string | null;
  lead: LeadProfile;
  links: Found[];
  /** The lead's website, and its company if that is called like a site. */
  sites: string[];
}

export function knownFrom(lead: LeadProfile, message: MessageBrief | undefined): Known {
  const texts = message && Object.values(message).filter((value) => typeof value === "string");
  const brief = texts ? plainAddresses(texts.join("\n")) : null;
  const website = hostOf(link(lead.companyWebsite ?? "", "bare").target);
  const sites = linksIn(plainAddresses([lead.companyWebsite, lead.company].join("\n"))).map(({ target }) => target);
  return {
    brief,
    lead,
    links: linksIn(brief ?? ""),
    sites: [...sites, website, folded(lead.company ?? "")].filter((site) => site !== ""),
  };
}

const ENDINGS = new Set(
  `com net org io ai co de example test info biz eu uk us ca fr es it nl ch at be pl se no dk fi ie pt cz sk hu ro gr ru ua tr in jp cn
  kr br mx au nz za ar cl app dev tech cloud online site shop store xyz top click link live me tv ly gg to so sh gl gy page pro club
  vip agency digital solutions services group company ltd world news blog space website fun icu cyou bond buzz gov edu int mil
  local localhost onion invalid cc ws su pw tk ml ga cf gq id my sg hk tw vn th ph il ae sa ng ke lt lv ee lu is mobi name email
  рф онлайн 中国 公司 网络`.split(/\s+/),
);
/** Words as well: "the hall.It was" has only lost a blank. With a path they are links all the same. */
const WORDS_TOO = new Set(
  "at be in is it me my no so to us id co de es as la am world news live name link pro fun is".split(" "),
);
/** Read as names of companies and techniques, by themselves and without a path. */
const NAMES = new Set(
  `booking.com amazon.com salesforce.com monday.com hotels.com cars.com bill.com make.com match.com care.com crypto.com ancestry.com
  home24.de check24.de immoscout24.de mobile.de autoscout24.de web.de c3.ai x.ai character.ai draw.io socket.io asp.net ado.net vb.net
  paint.net ml.net .net kayak.com trade.com overstock.com 1-800-flowers.com job.com cal.com apollo.io customer.io clean.io
  front.com outreach.io bol.com coolblue.nl trip.com lastminute.com about.com`.split(/\s+/),
);

const SCHEME =
  /(?<![\p{L}\p{N}])(?:[a-z][a-z0-9+.-]{1,20}:\/\/?|hxxps?:|https?:|mailto:|tel:|sms:|javascript:|data:text|(?<![:/\\])\/\/(?=[\p{L}\p{N}-]{1,63}\.))[^\s<>"“”]{2,}/giu;
const EMAIL = /[\p{L}\p{N}._%+'-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}[\p{L}\p{N}-]{2,63}/gu;
const BARE =
  /(?<![\p{L}\p{N}_])(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,62})\.){1,8}[\p{L}\p{N}-]{2,63}(?![\p{L}\p{N}@-])(?::\d{1,5})?(?:[/?#\\][^\s<>"“”]*)?/gu;
const ADDRESS_OF_MACHINE = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5}|\/)[^\s<>"]*/g;

/** The first link or address that is neither the brief's nor the lead's own; null when none. */
export function foreignLink({ subject, body }: Copy, known: Known): string | null {
  const text = plainAddresses(`${subject}\n${body}`);
  const found = linksIn(text).find((each) => !isAllowed(each, known));
  if (!found) return null;
  const kind = found.kind === "email" ? "an address" : "a link";
  return `it holds ${kind} that is not in the brief: ${found.shown}`;
}

/** The text without its links and addresses, for what else is looked for. */
export function withoutLinks(text: string): string {
  return [SCHEME, EMAIL, BARE].reduce(
    (rest, pattern) => rest.replace(pattern, (match) => (pattern === BARE && !isHost(match) ? match : " ")),
    plainAddresses(text),
  );
}

/** Undoes what hides an address from programs and not from people: `evil[.]example`, "bob (at) evil dot com". */
function plainAddresses(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/(?<=[\p{L}\p{N}]) ?[[({] ?(?:\.|dot|punkt|punto) ?[\])}] ?(?=[\p{L}\p{N}])/giu, ".")
    .replace(/(?<=[\p{L}\p{N}]) ?[[({] ?(?:@|at|ät) ?[\])}] ?(?=[\p{L}\p{N}])/giu, "@")
    .replace(/(?<=[\p{L}\p{N}]) dot (?=(?:com|net|org|io|ai|example|de|co|info|biz)(?![\p{L}\p{N}]))/giu, ".")
    .replace(/(?<=[a-z0-9])[。｡](?=[a-z]{2,})/gi, ".");
}

function linksIn(text: string): Found[] {
  const schemes = [...text.matchAll(SCHEME)].map(({ 0: shown }) => link(shown, "scheme"));
  const rest = text.replace(SCHEME, " ");
  const emails = [...rest.matchAll(EMAIL)].map(({ 0: shown }): Found => {
    return { shown, target: shown.toLowerCase().replace(/^[.'-]+/, ""), kind: "email" };
  });
  const plain = rest.replace(EMAIL, " ");
  const machines = [...plain.matchAll(ADDRESS_OF_MACHINE)].map(({ 0: shown }) => link(shown, "scheme"));
  const bare = [...plain.matchAll(BARE)]
    .filter(({ 0: shown }) => isHost(shown))
    .map(({ 0: shown }) => link(shown, "bare"));
  return [...schemes, ...emails, ...machines, ...bare];
}

function link(match: string, kind: Found["kind"]): Found {
  const shown = match.replace(/[.,;:!?'’)\]}>»…*_]+$/u, "");
  const rest = shown
    .toLowerCase()
    .replace(/^(?:(?:hxxp|http)s?:)?[/\\]*/, "")
    .replaceAll("\\", "/");
  const [authority = ""] = rest.split(/[/?#]/);
  const host = authority.slice(authority.lastIndexOf("@") + 1).replace(/\.$/, "");
  const target = `${host}${rest.slice(authority.length)}`.replace(/^www\d?\./, "").replace(/^mailto:/, "");
  return { shown, target: target.replace(/\/+$/, ""), kind };
}

function isHost(match: string): boolean {
  const { target } = link(match, "bare");
  const host = (target.split(/[/?#:]/)[0] ?? "").replace(/\.$/, "");
  if (/^www\d?\./i.test(match) || host.includes("xn--")) return true;
  const hasPath = target.length > host.length;
  const ending = host.slice(host.lastIndexOf(".") + 1).replace(/-+$/, "");
  if (!ENDINGS.has(ending)) return false;
  if (hasPath) return true;
  if (NAMES.has(host)) return false;
  const written = match.slice(match.lastIndexOf(".") + 1);
  return !WORDS_TOO.has(ending) || /^\p{Ll}/u.test(written);
}

function isAllowed({ target, kind }: Found, { brief, lead, links, sites }: Known): boolean {
  if (kind === "email")
    return target === lead.email.trim().toLowerCase() || links.some((each) => each.target === target);
  if (target === "") return false;
  const isOwnSite = target === hostOf(target) && sites.includes(target);
  if (brief === null) return isOwnSite && kind === "bare";
  if (isOwnSite || sites.includes(target) || target === link(lead.linkedinUrl ?? "", "scheme").target) return true;
  return links.some((each) => each.kind !== "email" && covers(each.target, target, kind));
}

/** The brief's own link, or one that goes on from it; its host alone where it is only named. */
function covers(own: string, target: string, kind: Found["kind"]): boolean {
  if (own === target) return true;
  if (kind === "bare" && hostOf(own) === target) return true;
  return target.startsWith(own) && /[/?#]/.test(target.charAt(own.length));
}

const hostOf = (target: string): string => target.split(/[/?#]/)[0] ?? "";
