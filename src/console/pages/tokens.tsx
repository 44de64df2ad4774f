import { Hono } from "hono";
import type { z } from "zod";
import type { TokenList, TokenMade, TokenView } from "../../contract/tokens.ts";
import { ROLES } from "../../domain/role.ts";
import { problemText } from "../api.ts";
import { fieldsOf, finish, problem, wholeNumber } from "../act.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Act, Field, Form } from "../parts/forms.tsx";
import { List, queryOf } from "../parts/list.tsx";
import { When } from "../parts/words.tsx";
import { show } from "../show.tsx";

type Token = z.infer<typeof TokenView>;
type Tokens = z.infer<typeof TokenList>;

/** Who may use Andon. Only for admins: the API refuses all others. */
export function tokensPage(ports: ConsolePorts) {
  const page = new Hono<Console>();

  page.get("/", (c) =>
    show(c, ports, {
      title: "Tokens",
      read: () => c.get("api").read<Tokens>(`/tokens${queryOf(c.req.url, [])}`),
      still: (list) => (
        <>
          <Rows list={list} />
          <NewToken />
        </>
      ),
    }),
  );

  page.post("/", async (c) => {
    const field = await fieldsOf(c);
    const days = field("expires_in_days");
    const answer = await c.get("api").ask<z.infer<typeof TokenMade>>("POST", "/tokens", {
      name: field("name"),
      role: field("role"),
      ...(days ? { expires_in_days: wholeNumber(days) } : {}),
    });
    if (!answer.ok) return problem(c, problemText(answer.problem));
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
    heads={["Name", "Role", "Made", "Last used", "Runs out", ""]}
    empty="No token has been made yet."
    next={list.next_cursor}
  >
    {list.tokens.map((token) => (
      <tr>
        <td>{token.name}</td>
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
            <Act action={`/console/tokens/${token.id}/revoke`} label={`Revoke ${token.name}`} kind="danger" />
          )}
        </td>
      </tr>
    ))}
  </List>
);

const NewToken = () => (
  <details class="card">
    <summary>Make a token</summary>
    <Form action="/console/tokens">
      <Field label="Whose it is" hint="Incidents name it as the one who opened or closed.">
        <input name="name" required maxlength={100} />
      </Field>
      <Field label="Role">
        <select name="role">
          {ROLES.map((role) => (
            <option value={role}>{role}</option>
          ))}
        </select>
      </Field>
      <Field label="Days until it runs out" hint="Left empty, it does not.">
        <input name="expires_in_days" type="number" min={1} max={3650} />
      </Field>
      <button class="main">Make it</button>
    </Form>
  </details>
);

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
