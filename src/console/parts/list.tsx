import type { Child } from "hono/jsx";
import { useRequestContext } from "hono/jsx-renderer";

/** A table with a word for when it is empty, and the way to older rows. `numbers`: the heads of columns of numbers. */
export function List(props: {
  heads: string[];
  numbers?: string[];
  empty: string;
  next: string | null;
  children: Child[];
}) {
  const url = new URL(useRequestContext().req.url);
  const older = new URLSearchParams(url.searchParams);
  if (props.next !== null) older.set("cursor", props.next);
  return (
    <>
      {props.children.length === 0 ? (
        <p class="empty">{props.empty}</p>
      ) : (
        <div class="scroll" tabindex={0} role="region" aria-label="Table">
          <table>
            <thead>
              <tr>
                {props.heads.map((head) => (
                  <th scope="col" class={props.numbers?.includes(head) ? "number" : ""}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{props.children}</tbody>
          </table>
        </div>
      )}
      <p class="pages">
        {url.searchParams.has("cursor") ? <a href={url.pathname}>Newest</a> : null}{" "}
        {props.next === null ? null : <a href={`${url.pathname}?${older}`}>Older</a>}
      </p>
    </>
  );
}

/** The query for the API, of what this page's address chooses among `names`; empty choices are none. */
export function chosen(url: string, names: string[]): string {
  const given = new URL(url).searchParams;
  const choices = names.flatMap((name) => {
    const value = given.get(name)?.trim();
    return value ? [[name, value]] : [];
  });
  return choices.length === 0 ? "" : `?${new URLSearchParams(choices)}`;
}

/** The same for a list, with the page of it that the address names. */
export const queryOf = (url: string, names: string[]): string => chosen(url, [...names, "cursor"]);
