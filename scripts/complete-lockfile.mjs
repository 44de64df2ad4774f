// Adds the optional platform packages that npm left out of package-lock.json.
//
// npm records every platform's build of a native package, but drops those that the registry in use does not carry;
// `npm ci` then refuses its own lock file ("Missing: … from lock file"). Run this after every `npm install` that
// changed the dependencies: it reads which builds each package names, and writes the missing ones down by name and version.
import { readFileSync, writeFileSync } from "node:fs";

const OPERATING_SYSTEMS = ["android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "win32"];
const PROCESSORS = {
  arm64: "arm64",
  aarch64: "arm64",
  x64: "x64",
  64: "x64",
  "arm-eabi": "arm",
  "arm-gnueabihf": "arm",
  "arm-musleabihf": "arm",
  ia32: "ia32",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  wasm32: "wasm32",
};

/** @param {string} name e.g. "@swc/core-linux-arm64-musl" */
function platformOf(name) {
  const os =
    OPERATING_SYSTEMS.find((each) => name.includes(`-${each}`)) ?? (name.includes("-windows") ? "win32" : null);
  const cpu = Object.entries(PROCESSORS).find(([suffix]) => new RegExp(`-${suffix}(-|$)`).test(name))?.[1];
  return {
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(os ? { os: [os] } : {}),
    ...(os === "linux" && name.endsWith("-musl") ? { libc: ["musl"] } : {}),
    ...(os === "linux" && name.endsWith("-gnu") ? { libc: ["glibc"] } : {}),
  };
}

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
    if (known) continue;
    lock.packages[`node_modules/${name}`] = { version, dev: true, optional: true, ...platformOf(name) };
    added++;
  }
}
for (const entry of Object.values(lock.packages)) delete entry.resolved;
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} platform packages added`);
