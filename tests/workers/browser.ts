import { exports } from "cloudflare:workers";

const ORIGIN = "http://andon.example";

/** A browser, as far as the console needs one: it keeps cookies and follows nothing by itself. */
export function aBrowser() {
  const cookies = new Map<string, string>();
  const visit = async (
    path: string,
    options: { form?: Record<string, string>; headers?: Record<string, string> } = {},
  ) => {
    const response = await exports.default.fetch(`${ORIGIN}${path}`, {
      method: options.form ? "POST" : "GET",
      redirect: "manual",
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(options.form ? { "content-type": "application/x-www-form-urlencoded", origin: ORIGIN } : {}),
        ...options.headers,
      },
      ...(options.form ? { body: new URLSearchParams(options.form).toString() } : {}),
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/max-age=0/i.test(set)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const signIn = (token: string) => visit("/console/sign-in", { form: { token } });
  const formToken = async () => /name="form_token" value="([0-9a-f]+)"/.exec((await visit("/console")).text)?.[1] ?? "";
  return { cookies, visit, signIn, formToken };
}

export async function signedIn(role: string) {
  const browser = aBrowser();
  await browser.signIn(`sandbox-${role}`);
  return { ...browser, token: await browser.formToken() };
}
