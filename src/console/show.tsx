import type { Context } from "hono";
import type { Child } from "hono/jsx";
import type { Console, ConsolePorts } from "./console-env.ts";
import { type Line, readLine } from "./line.ts";
import { Banner } from "./parts/banner.tsx";
import { Page } from "./parts/layout.tsx";

/** Answers with a page; what it shows is read while the banner is. @throws ApiProblem */
export async function show<Data>(
  c: Context<Console>,
  ports: ConsolePorts,
  page: {
    title: string | ((data: Data) => string);
    read: () => Promise<Data>;
    /** What stands before the live part and does not renew itself. */
    above?: () => Child;
    live?: (data: Data, line: Line) => Child;
    still?: (data: Data, line: Line) => Child;
  },
): Promise<Response> {
  const [line, data] = await Promise.all([readLine(c.get("api")), page.read()]);
  return c.render(
    <Page
      title={typeof page.title === "string" ? page.title : page.title(data)}
      banner={<Banner line={line} />}
      sandbox={ports.isSandbox(c.env)}
      above={page.above?.()}
      {...(page.live ? { live: page.live(data, line) } : {})}
    >
      {page.still?.(data, line)}
    </Page>,
  );
}
