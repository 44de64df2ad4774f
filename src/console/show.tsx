import type { Context } from "hono";
import type { Child } from "hono/jsx";
import type { Console, ConsolePorts } from "./console-env.ts";
import { readLine } from "./line.ts";
import { Banner } from "./parts/banner.tsx";
import { Live, Page } from "./parts/layout.tsx";

/** Answers with a page; what it shows is read while the banner is. @throws ApiProblem */
export async function show<Data>(
  c: Context<Console>,
  ports: ConsolePorts,
  page: {
    title: string | ((data: Data) => string);
    read: () => Promise<Data>;
    /** What stands before the live part and does not renew itself. */
    above?: (data: Data) => Child;
    live?: (data: Data) => Child;
    still?: (data: Data) => Child;
  },
): Promise<Response> {
  // The banner asks for itself too, at its own pace.
  if (page.live && c.req.header("hx-request")) return c.render(<Live>{page.live(await page.read())}</Live>);
  const [line, data] = await Promise.all([readLine(c.get("api")), page.read()]);
  return c.render(
    <Page
      title={typeof page.title === "string" ? page.title : page.title(data)}
      banner={<Banner line={line} sandbox={ports.isSandbox(c.env)} />}
      sandbox={ports.isSandbox(c.env)}
      above={page.above?.(data)}
      {...(page.live ? { live: page.live(data) } : {})}
    >
      {page.still?.(data)}
    </Page>,
  );
}
