/** Ids that a line may carry. People's data and keys have no field here. */
export interface LogFields {
  request_id?: string | null | undefined;
  job_id?: string | null | undefined;
  campaign_id?: string | null | undefined;
  lead_id?: string | null | undefined;
  incident_id?: string | null | undefined;
  provider?: string | null | undefined;
  kind?: string | undefined;
  [detail: string]: string | number | boolean | null | undefined;
}

/** Writes one JSON object a line. `event` is a fixed lower_snake word. */
export function log(level: "info" | "warn" | "error", event: string, fields: LogFields = {}): void {
  const line = JSON.stringify({ level, event, at: new Date().toISOString(), ...fields });
  if (level === "error") console.error(line);
  else console.log(line);
}

/** The kind and message of an unexpected error; no stack, which may hold data. */
export function describeError(error: unknown): { error: string } {
  return { error: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : "unknown error" };
}
