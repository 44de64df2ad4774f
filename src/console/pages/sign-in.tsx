import { Hono } from "hono";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Head } from "../parts/layout.tsx";
import { signIn } from "../session.ts";

/** The one page that needs no session. */
export function signInPage(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/sign-in", (c) => c.render(<SignIn sandbox={ports.isSandbox(c.env)} />));

  page.post("/sign-in", async (c) => {
    const origin = c.req.header("origin");
    const { token } = await c.req.parseBody();
    if (!(await ports.maySignIn(c.env, c.req.header("cf-connecting-ip") ?? ""))) {
      c.status(429);
      c.header("retry-after", "60");
      return c.render(<SignIn sandbox={ports.isSandbox(c.env)} problem={TOO_OFTEN} />);
    }
    const isOwn = origin === undefined || origin === new URL(c.req.url).origin;
    if (isOwn && typeof token === "string" && (await signIn(c, ports, token))) return c.redirect("/console", 303);
    c.status(401);
    return c.render(<SignIn sandbox={ports.isSandbox(c.env)} problem={REFUSED} />);
  });
  return page;
}

const REFUSED = "This token is not known, was revoked, or has run out. Ask an admin for a new one.";
const TOO_OFTEN = "There were too many tries to sign in from where you are. Wait a minute, then try again.";

function SignIn({ sandbox, problem }: { sandbox: boolean; problem?: string }) {
  return (
    <html lang="en">
      <Head title="Sign in" />
      <body class="alone">
        <main id="content">
          <h1>Andon</h1>
          <p>Campaigns that stop at the first error of a service, and go on when a person says so.</p>
          {problem ? (
            <p class="notice problem" role="alert">
              {problem}
            </p>
          ) : null}
          <form method="post" action="/console/sign-in">
            <label class="field">
              <span>Your token</span>
              <input name="token" type="password" autocomplete="current-password" required autofocus />
            </label>
            <button class="main">Sign in</button>
          </form>
          {sandbox ? (
            <>
              <p>This is a sandbox: no real service is called. Sign in as</p>
              <ul class="roles">
                {[
                  ["admin", "may do everything, and break services on purpose"],
                  ["operator", "starts campaigns, stops the line and starts it again"],
                  ["viewer", "looks"],
                ].map(([role, may]) => (
                  <li>
                    <form method="post" action="/console/sign-in" class="inline">
                      <input type="hidden" name="token" value={`sandbox-${role}`} />
                      <button>{role}</button> {may}
                    </form>
                  </li>
                ))}
              </ul>
            </>
          ) : null}
        </main>
      </body>
    </html>
  );
}
