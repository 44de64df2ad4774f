import { type Context, Hono } from "hono";
import type { z } from "zod";
import type { TokenList, TokenMade, TokenView } from "../../contract/tokens.ts";
import { ROLES } from "../../domain/role.ts";
import { labelOf, problemText } from "../api.ts";
import { fieldsOf, finish, numberOf, refuse } from "../act.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Field, Form, SureAct, useTyped } from "../parts/forms.tsx";
import { List, queryOf } from "../parts/list.tsx";
import { When } from "../parts/words.tsx";
import { show } from "../show.tsx";

type Token = z.infer<typeof TokenView>;
type Tokens = z.infer<typeof TokenList>;

/** Who may use Andon. Only for admins: the API refuses all others. */
export function tokensPage(ports: ConsolePorts) {
  const page = new Hono<Console>();

  const list = (c: Context<Console>) =>
    show(c, ports, {
      title: "Tokens",
      read: () => c.get("api").read<Tokens>(`/tokens${queryOf(c.req.url, [])}`),
      still: (tokens) => (
        <>
          <Rows list={tokens} />
          <NewToken />
        </>
      ),
    });
  page.get("/", list);

  page.post("/", async (c) => {
    const field = await fieldsOf(c);
    const days = field("expires_in_days");
    const answer = await c.get("api").ask<z.infer<typeof TokenMade>>("POST", "/tokens", {
      name: field("name"),
      role: field("role"),
      ...(days ? { expires_in_days: numberOf(days) } : {}),
    });
    if (!answer.ok) return refuse(c, problemText(answer.problem), list);
    // Shown by this very answer, which nobody keeps; a notice would put it into a cookie.
    return show(c, ports, {
      title: "A new token",
      read: async () => answer.data,
      still: ({ token, secret }) => <Made token={token} secret={secret} />,
    });
  });

  page.post("/:id/revoke", async (c) =>
    finish(c, await c.get("api").ask("DELETE", `/tokens/${c.req.param("id")}`), {
      text: () => "The token is revoked, and whoever was signed in with it is signed out.",
    }),
  );
  return page;
}

const Rows = ({ list }: { list: Tokens }) => (
  <List
    heads={["Name", "Role", "Made", "Last used", "Runs out", "Actions"]}
    empty="No token has been made yet."
    next={list.next_cursor}
  >
    {list.tokens.map((token) => (
      <tr>
        <td>
          {token.name} <span class="quiet id">…{token.id.slice(-8)}</span>
        </td>
        <td>{token.role}</td>
        <td>
          <When at={token.created_at} />
        </td>
        <td>
          <When at={token.last_used_at} />
        </td>
        <td>
          <When at={token.expires_at} ago={false} />
        </td>
        <td>
          {token.revoked_at ? (
            <span class="quiet">revoked</span>
          ) : (
            <SureAct
              action={`/console/tokens/${token.id}/revoke`}
              label="Revoke"
              of={token.name}
              warning="Whoever uses it is signed out, and every program that uses it is refused from now on."
            />
          )}
        </td>
      </tr>
    ))}
  </List>
);

function NewToken() {
  const { typed, wasRefused } = useTyped();
  return (
    <details class="card" open={wasRefused}>
      <summary>Make a token</summary>
      <Form action="/console/tokens">
        <Field label="Name" hint="Whose it is. Incidents name it as the one who opened or closed.">
          <input name="name" required maxlength={100} value={typed("name")} />
        </Field>
        <Field label="Role">
          <select name="role">
            {ROLES.map((role) => (
              <option value={role} selected={typed("role") === role}>
                {role}
              </option>
            ))}
          </select>
        </Field>
        <Field label={labelOf("expires_in_days")} hint="Left empty, it does not.">
          <input name="expires_in_days" type="number" min={1} max={3650} value={typed("expires_in_days")} />
        </Field>
        <button class="main">Make it</button>
      </Form>
    </details>
  );
}

const Made = ({ token, secret }: { token: Token; secret: string }) => (
  <>
    <p>
      This is the token of <b>{token.name}</b> ({token.role}). It is shown this once: copy it now.
    </p>
    <p>
      <code class="secret">{secret}</code>
    </p>
    <p>
      <a href="/console/tokens">All tokens</a>
    </p>
  </>
);
