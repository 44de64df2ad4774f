import type { Child } from "hono/jsx";
import { useRequestContext } from "hono/jsx-renderer";
import type { Console } from "../console-env.ts";
import { Act } from "./forms.tsx";

const PAGES = [
  ["/console", "Line"],
  ["/console/campaigns", "Campaigns"],
  ["/console/jobs", "Jobs"],
  ["/console/leads", "Leads"],
  ["/console/incidents", "Incidents"],
  ["/console/providers", "Providers"],
] as const;

const ADMIN_PAGES = [
  ["/console/alerts", "Alerts"],
  ["/console/tokens", "Tokens"],
] as const;

export function Head({ title }: { title: string }) {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="htmx-config" content='{"includeIndicatorCSS":false,"history":false,"defaultTimeout":10000}' />
      <title>{title} · Andon</title>
      <link rel="icon" href="/console/static/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/console/static/console.css" />
      <script src="/console/static/htmx.js" defer></script>
      <script src="/console/static/console.js" defer></script>
    </head>
  );
}

/** The part of a page that asks for itself again every few seconds. */
export function Live({ children }: { children: Child }) {
  const { pathname, search } = new URL(useRequestContext().req.url);
  return (
    <div id="live" data-live="3000" hx-get={pathname + search} hx-target="this" hx-trigger="live" hx-swap="outerMorph">
      {children}
    </div>
  );
}

/**
 * A whole page: the line's banner above, what the last action had to say, and the page's own content. Forms stand outside of
 * the live part, so that nobody's typing is lost.
 */
export function Page(props: {
  title: string;
  banner: Child;
  above?: Child;
  live?: Child;
  children?: Child;
  sandbox: boolean;
}) {
  const c = useRequestContext<Console>();
  const { pathname } = new URL(c.req.url);
  const notice = c.get("notice");
  const caller = c.get("caller");
  const isAdmin = caller.role === "admin";
  const pages = [
    ...PAGES,
    ...(isAdmin ? ADMIN_PAGES : []),
    ...(isAdmin && props.sandbox ? ([["/console/sandbox", "Sandbox"]] as const) : []),
  ];
  const isHere = (href: string) =>
    href === "/console" ? pathname === href || pathname.startsWith("/console/line/") : pathname.startsWith(href);
  return (
    <html lang="en">
      <Head title={props.title} />
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <header>
          <a class="brand" href="/console">
            Andon
          </a>
          <nav aria-label="Pages">
            {pages.map(([href, label]) => (
              <a href={href} aria-current={isHere(href) ? "page" : undefined}>
                {label}
              </a>
            ))}
          </nav>
          <div class="who">
            <span>
              {caller.name} <span class="quiet">({caller.role})</span>
            </span>
            <Act action="/console/sign-out" label="Sign out" />
          </div>
        </header>
        <p id="lost" role="alert" hidden>
          No connection to Andon since <span id="lost-since"></span>. What you see may be out of date; it comes back by
          itself.
        </p>
        {props.banner}
        <main id="content">
          {notice ? (
            <p class={`notice ${notice.kind}`} role={notice.kind === "problem" ? "alert" : "status"}>
              {notice.text}
            </p>
          ) : null}
          <h1>{props.title}</h1>
          {props.above}
          {props.live ? <Live>{props.live}</Live> : null}
          {props.children}
        </main>
        <footer>
          <a href="/docs">API reference</a> · Times are UTC
          {props.sandbox ? <span> · Sandbox: no real service is called</span> : null}
        </footer>
      </body>
    </html>
  );
}
