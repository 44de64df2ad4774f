import { ALERT_MUTATIONS } from "./alerts.ts";
import { CHECK_MUTATIONS } from "./checks.ts";
import { COPY_MUTATIONS } from "./copy.ts";
import type { Mutation } from "./mutation.ts";
import { PLATFORM_MUTATIONS } from "./platform.ts";
import { SERVICE_MUTATIONS } from "./services.ts";
import { ROW_MUTATIONS } from "./rows.ts";
import { WORK_MUTATIONS } from "./work.ts";

export const MUTATIONS: Mutation[] = [
  ...ROW_MUTATIONS,
  ...WORK_MUTATIONS,
  ...PLATFORM_MUTATIONS,
  ...ALERT_MUTATIONS,
  ...CHECK_MUTATIONS,
  ...COPY_MUTATIONS,
  ...SERVICE_MUTATIONS,
];
