import { type Context, Hono } from "hono";
import type { z } from "zod";
import type { BreakerChanged } from "../../contract/breaker.ts";
import { fieldsOf, finish } from "../act.ts";
import type { Console, ConsolePorts } from "../console-env.ts";
import { Field, Form, useTyped } from "../parts/forms.tsx";
import { show } from "../show.tsx";

/** Stopping the line by hand. */
export function stopPage(ports: ConsolePorts) {
  const page = new Hono<Console>();
  const form = (c: Context<Console>) =>
    show(c, ports, { title: "Stop the line", read: async () => null, still: () => <StopForm /> });

  page.get("/stop", form);

  page.post("/stop", async (c) => {
    const reason = (await fieldsOf(c))("reason");
    const answer = await c
      .get("api")
      .ask<z.infer<typeof BreakerChanged>>("POST", "/queue-management/pause", { reason });
    return finish(c, answer, {
      text: ({ changed }) =>
        changed ? "The line is stopped. No call to a service begins any more." : "It was stopped already.",
      to: "/console",
      page: form,
    });
  });
  return page;
}

function StopForm() {
  const { typed } = useTyped();
  return (
    <>
      <p>
        No call to a service begins any more, calls that were made are still heard out, and every job pauses with your
        reason. Nothing is lost. Only a person starts the line again.
      </p>
      <Form action="/console/line/stop">
        <Field label="Reason" hint="Everybody who looks at a paused job will read it.">
          <input name="reason" required maxlength={1000} value={typed("reason")} />
        </Field>
        <button class="danger">Stop the line</button>
      </Form>
    </>
  );
}
