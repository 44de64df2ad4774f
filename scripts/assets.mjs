// Gathers the static files that the Worker serves beside its own answers: the API reference's page parts and the console's.
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const assets = join(import.meta.dirname, "../.build/assets");

const swagger = dirname(require.resolve("swagger-ui-dist/package.json"));
const reference = join(assets, "reference");
mkdirSync(reference, { recursive: true });
for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"]) copyFileSync(join(swagger, file), join(reference, file));
writeFileSync(
  join(reference, "start.js"),
  `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#reference", deepLinking: true, persistAuthorization: false, validatorUrl: null });\n`,
);

const own = join(import.meta.dirname, "../src/console/assets");
const console = join(assets, "console/static");
mkdirSync(console, { recursive: true });
for (const file of readdirSync(own)) copyFileSync(join(own, file), join(console, file));
copyFileSync(join(dirname(require.resolve("htmx.org/package.json")), "dist/htmx.min.js"), join(console, "htmx.js"));
