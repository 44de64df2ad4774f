import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { jsxRenderer } from "hono/jsx-renderer";
import { secureHeaders } from "hono/secure-headers";
import { ApiProblem, problemText } from "./api.ts";
import type { Console, ConsolePorts } from "./console-env.ts";
import { readLine } from "./line.ts";
import { alertPages } from "./pages/alerts.tsx";
import { campaignPages } from "./pages/campaigns.tsx";
import { closePages } from "./pages/close.tsx";
import { incidentPages } from "./pages/incidents.tsx";
import { jobPages } from "./pages/jobs.tsx";
import { leadPages } from "./pages/leads.tsx";
import { overviewPage } from "./pages/overview.tsx";
import { checkAction, providersPage } from "./pages/providers.tsx";
import { sandboxPage } from "./pages/sandbox.tsx";
import { signInPage } from "./pages/sign-in.tsx";
import { stopPage } from "./pages/stop.tsx";
import { tokensPage } from "./pages/tokens.tsx";
import { Banner } from "./parts/banner.tsx";
import { Trouble } from "./parts/trouble.tsx";
import { requireRole } from "./role.tsx";
import { requireOwnForm, requireSession, signOut } from "./session.ts";

/** The operator's pages: server-rendered over the API, complete without a script, and live with one. */
export function createConsole(ports: ConsolePorts) {
  const console = new Hono<Console>().basePath("/console");
  console.use(
    secureHeaders({
      referrerPolicy: "same-origin",
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    }),
    async (c, next) => {
      await next();
      c.header("cache-control", "no-store");
    },
    jsxRenderer(),
  );
  console.onError((error, c) => {
    if (error instanceof ApiProblem) {
      c.status(error.status as 404);
      // What the API says of a thing that is not there is advice for programs.
      return c.render(
        error.status === 404 ? (
          <Trouble title="Not found" text="What this address names is not there: it was deleted, or never was." />
        ) : (
          <Trouble title="That did not work" text={problemText(error.problem)} />
        ),
      );
    }
    if (error instanceof HTTPException) return error.getResponse();
    c.status(500);
    return c.render(
      <Trouble
        title="Something went wrong"
        text="An error inside Andon kept this page from being made. Nothing was changed by looking at it. Load it again in a moment."
      />,
    );
  });

  console.route("/", signInPage(ports));
  console.use(requireSession(ports), requireOwnForm);
  console.post("/sign-out", async (c) => {
    await signOut(c, ports);
    return c.redirect("/console/sign-in", 303);
  });
  console.get("/line", async (c) =>
    c.render(<Banner line={await readLine(c.get("api"))} sandbox={ports.isSandbox(c.env)} />),
  );
  // Said before anything is read or judged. The API refuses them too.
  for (const pages of ["alerts", "tokens", "sandbox"]) console.use(`/${pages}/*`, requireRole("admin"));
  console.on("POST", "/*", requireRole("operator"));
  console.on("GET", ["/line/close", "/line/stop", "/line/resume"], requireRole("operator"));
  console.route("/", overviewPage(ports));
  console.route("/line", stopPage(ports));
  console.route("/line", closePages(ports));
  console.route("/services", checkAction());
  console.route("/campaigns", campaignPages(ports));
  console.route("/jobs", jobPages(ports));
  console.route("/leads", leadPages(ports));
  console.route("/incidents", incidentPages(ports));
  console.route("/providers", providersPage(ports));
  console.route("/alerts", alertPages(ports));
  console.route("/tokens", tokensPage(ports));
  console.route("/sandbox", sandboxPage(ports));
  console.notFound((c) => {
    c.status(404);
    return c.render(<Trouble title="Not found" text="There is no such page." />);
  });
  return console;
}
