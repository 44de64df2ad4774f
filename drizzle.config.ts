import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: ["./src/db/schema.ts", "./src/db/alert-schema.ts", "./src/db/job-schema.ts"],
  out: "./migrations",
});
