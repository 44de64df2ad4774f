import { type Brief, firstHalf } from "../brief.ts";
import { researchOddity } from "../oddities.ts";
import { domainOf } from "../people.ts";
import { pick, uuidFrom } from "../random.ts";
import { NEWS, TRADES } from "../words.ts";

export interface Findings {
  summary: string;
  hook: string;
}

/** The same company always has the same news. */
export function findings({ lead }: Brief): Findings & { company: string } {
  const company = lead.company ?? "The company";
  const who = [lead.firstName, lead.lastName].filter(Boolean).join(" ") || "This person";
  const news = `${company} ${pick(NEWS, `news:${company}`)}`;
  const role = lead.title ? `is ${lead.title} at ${company}` : `works at ${company}`;
  return {
    company,
    summary: `${who} ${role}. ${company} ${pick(TRADES, `trade:${company}`)}. Lately: ${news}.`,
    hook: news,
  };
}

/** What a call that goes well brings, always the same for a subject: the items, and `usage` where it is odd. */
export function usualAnswer(subject: string, found: Findings & { company: string }, written: string) {
  switch (researchOddity(subject)) {
    case "fenced":
      return { output: outputOf(found, `\`\`\`json\n${written}\n\`\`\``) };
    case "thought":
      return { output: outputOf(found, `<think>\nLet me see what is new there.\n</think>\n\n${written}`) };
    case "cited":
      return { output: outputOf(found, written.replace(/\.?"(?=[,}])/g, " [1][2]$&")) };
    case "untitled": {
      const [results, ...rest] = outputOf(found, written);
      return { output: [{ ...results, results: sourcesOf(found).map((each) => ({ ...each, title: null })) }, ...rest] };
    }
    case "fetched": {
      const [results, message] = outputOf(found, written);
      const contents = sourcesOf(found).map(({ url, title, snippet }) => ({ url, title, snippet }));
      return { output: [results, { type: "fetch_url_results", contents }, message] };
    }
    case "no_usage":
      return { output: outputOf(found, written), usage: null };
    case "cut":
      return { output: outputOf(found, firstHalf(written)) };
    case null:
      return { output: outputOf(found, written) };
  }
}

export function outputOf(found: Findings & { company: string }, written: string): [object, object] {
  return [
    { type: "search_results", queries: [found.company], results: sourcesOf(found) },
    {
      type: "message",
      id: uuidFrom(`message:${written}`),
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: written, annotations: [] }],
    },
  ];
}

function sourcesOf({ company, hook, summary }: Findings & { company: string }) {
  const site = `https://www.${domainOf(company)}`;
  const page = (id: number, name: string, snippet: string) => ({
    id,
    url: `${site}/${name}`,
    title: `${company}: ${name}`,
    snippet,
    date: "2026-09-14",
  });
  return [
    page(1, "news", hook),
    page(2, "about", summary),
    ...["team", "careers", "customers", "contact"].map((name, at) => page(at + 3, name, "")),
  ];
}
