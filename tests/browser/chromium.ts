import { existsSync } from "node:fs";

const KNOWN = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where a Chromium is on this machine; CHROMIUM names another. Null when there is none: then these tests are skipped. */
export const CHROMIUM =
  [process.env["CHROMIUM"] ?? "", ...KNOWN].find((path) => path !== "" && existsSync(path)) ?? null;
