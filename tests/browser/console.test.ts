import { describe } from "vitest";
import { CHROMIUM } from "./chromium.ts";
import { pages } from "./pages.ts";
import { story } from "./story.ts";

// One file, because all of it looks at one line that is stopped and started: nothing of it may run side by side.
describe.skipIf(!CHROMIUM)("the operator's story", { timeout: 120_000 }, story);
describe.skipIf(!CHROMIUM)("every page", { timeout: 180_000 }, pages);
