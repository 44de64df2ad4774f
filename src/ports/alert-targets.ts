import type { AlertDeliveryRow, AlertTargetRow } from "../contract/alerts.ts";
import type { ChosenEvent } from "../domain/alert.ts";
import type { Instant } from "../domain/breaker.ts";

export interface TargetChanges {
  name?: string | undefined;
  events?: ChosenEvent[] | undefined;
  stillOpenAfterMinutes?: number | undefined;
  disabled?: boolean | undefined;
}

export interface TargetStore {
  list(): Promise<AlertTargetRow[]>;
  find(id: string): Promise<AlertTargetRow | null>;
  /** False when there are as many as there may be. */
  create(target: AlertTargetRow): Promise<boolean>;
  /** What still waits for a target that is switched off is given up. Null when there is none with this id. */
  update(id: string, changes: TargetChanges, now: Instant): Promise<AlertTargetRow | null>;
  /** What still waits for it is given up; what was sent stays in the log. False when there is none with this id. */
  remove(id: string): Promise<boolean>;
  delivery(id: string): Promise<AlertDeliveryRow | null>;
}
