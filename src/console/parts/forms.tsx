import { useRequestContext } from "hono/jsx-renderer";
import type { Child } from "hono/jsx";
import type { Console } from "../console-env.ts";
import { mayActAs, type Role } from "../../domain/role.ts";

const context = () => useRequestContext<Console>();

/** The page that the person is on; a part that renews itself is asked for at its own address. */
export function usePage(): URL {
  const { req } = context();
  return new URL(req.header("hx-current-url") ?? req.url);
}

/** A form that posts, and proves that it is this session's. Where to go back to is the page that it stands on. */
export function Form(props: { action: string; class?: string; children: Child }) {
  const url = usePage();
  return (
    <form method="post" action={props.action} class={props.class ?? ""}>
      <input type="hidden" name="form_token" value={context().get("formToken")} />
      <input type="hidden" name="back" value={url.pathname + url.search} />
      {props.children}
    </form>
  );
}

/** What a form shows in its fields: what was typed, when it was refused; otherwise what it begins with. */
export function useTyped() {
  const typed = context().get("typed");
  return { wasRefused: typed !== null, typed: (name: string, begin = "") => (typed ? typed(name) : begin) };
}

interface Button {
  action: string;
  label: string;
  /** Which of several, for those who do not see the row that the button stands in. */
  of?: string;
  kind?: "main" | "danger" | "plain";
  fields?: Record<string, string>;
}

/** One button that does one thing. */
export function Act({ action, label, of, kind = "plain", fields = {} }: Button) {
  return (
    <Form action={action} class="inline">
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button class={kind} aria-label={of && `${label} ${of}`}>
        {label}
      </button>
    </Form>
  );
}

const yes = (label: string) => `Yes, ${label.toLowerCase()}`;

/** What is not taken back says what it does, and asks for a second press. */
function Sure({ label, of, warning, children }: { label: string; of?: string; warning: string; children: Child }) {
  return (
    <details class="sure">
      <summary class="button danger" aria-label={of && `${label} ${of} …`}>
        {label} …
      </summary>
      <p>{warning}</p>
      {children}
    </details>
  );
}

/** An act that is not taken back. */
export const SureAct = ({ warning, ...button }: Omit<Button, "kind"> & { warning: string }) => (
  <Sure {...button} warning={warning}>
    <Act {...button} label={yes(button.label)} kind="danger" />
  </Sure>
);

/** The same inside a form, which a press sends with this field. */
export const SureButton = (props: { label: string; warning: string; name: string; value: string }) => (
  <Sure {...props}>
    <button name={props.name} value={props.value} formnovalidate class="danger">
      {yes(props.label)}
    </button>
  </Sure>
);

/** Shown to those who may; the API refuses all others in any case. */
export function For(props: { role: Role; children: Child }) {
  return mayActAs(context().get("caller").role, props.role) ? <>{props.children}</> : null;
}

export function Field(props: { label: string; hint?: string; children: Child }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      {props.children}
      {props.hint ? <small>{props.hint}</small> : null}
    </label>
  );
}
