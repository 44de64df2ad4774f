const TAGS = new Set(
  `a abbr address article aside b big blockquote body br button center code dd div dl dt em embed font footer form h1 h2 h3 h4 h5 h6
  head header hr html i iframe img input ins label li link main mark meta nav object ol option p pre q s script section select small
  span strike strong style sub sup svg table tbody td textarea th thead title tr tt u ul video`.split(/\s+/),
);
const TAG = /<\/?([a-z][a-z0-9]{0,12})(?:\s*\/?>|\s[^<>]{0,500}>|\s+[a-z-]{1,30}\s?=)/gi;

/** HTML, markdown and the like, which a plain message would show as it is written. Each is bounded, so that it ends. */
const MARKUP = [
  /<\/[a-z][a-z0-9-]{0,30}>|<[a-z][a-z0-9-]{0,30}\s?\/>|<!--|<!doctype|<!\[|<\?xml/i,
  /<(?:script|style|iframe|img)\b/i,
  /&(?:amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[nm]dash|hellip|copy|reg|trade|euro|pound|bull|middot|[aeiou]uml|szlig|[aeiou]acute|#\d{1,7}|#x[0-9a-f]{1,6});/i,
  /!?\[[^[\]\n]{1,200}\]\((?:[^()\s]|\([^()\s]{0,100}\)){1,500}(?:\s[^()\n]{0,100})?\)/,
  /^\s{0,3}\[[^[\]\n]{1,100}\]:\s*\S/m,
  /(?<![\p{L}\p{N}*])\*\*(?=[^\s*])[^*\n]{1,300}\*\*(?![\p{N}*])/u,
  /(?<![\p{L}\p{N}_])__(?=[^\s_])[^_\n]{1,300}__(?![\p{L}\p{N}_])/u,
  /~~(?=[^\s~])[^~\n]{1,300}~~/,
  /^ {0,3}#{1,6} +\S/m,
  /```|^ {0,3}~~~/m,
  /(?<![^\s("'])`[^`\n]{1,200}`(?![\p{L}\p{N}])/u,
  /^ {0,3}\|?(?: ?:?-{3,40}:? ?\|){1,20}/m,
  /\[\/(?:b|i|u|s|url|img|quote|code|color|size|list)\]|\[(?:url|img|color|size)=/i,
  /^\s*[{[]\s*"/,
];

/** The first piece of markup; null when none. */
export function markupIn(text: string): string | null {
  const tag = [...text.matchAll(TAG)].find(([, name = ""]) => TAGS.has(name.toLowerCase()));
  if (tag) return tag[0];
  for (const pattern of MARKUP) {
    const found = pattern.exec(text);
    if (found) return found[0].trim();
  }
  return null;
}
