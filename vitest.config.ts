import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "node", environment: "node", include: ["tests/{domain,providers,rooms}/**/*.test.ts"] } },
    ],
  },
});
