import type { z } from "zod";
import type { JobTimeline } from "../../contract/job-timeline.ts";
import { KIND_WORDS, number, plural, PROVIDER_NAMES, When } from "./words.tsx";

type Events = z.infer<typeof JobTimeline>["events"];
type Attempt = Extract<Events[number], { kind: "attempt" }>;

const OUTCOME_WORDS: Record<string, string> = { answered: "answered", refused: "refused this lead", ...KIND_WORDS };

/** What became of a job, with each attempt's calls. */
export const JobEvents = ({ events }: { events: Events }) => (
  <>
    <h2>Timeline</h2>
    <ol class="timeline">
      {events.map((event) => (
        <li class={event.kind}>
          <When at={event.at} ago={false} />
          <div>
            {event.text}{" "}
            {"incident_id" in event ? <a href={`/console/incidents/${event.incident_id}`}>The incident</a> : null}
            {event.kind === "attempt" ? <Calls attempt={event} /> : null}
          </div>
        </li>
      ))}
    </ol>
  </>
);

const Calls = ({ attempt: { calls, earlier_calls: earlier } }: { attempt: Attempt }) =>
  calls.length === 0 ? null : (
    <ol>
      {earlier > 0 ? <li class="quiet">{plural(earlier, "earlier call")}</li> : null}
      {calls.map(({ provider, outcome, ms }) => (
        <li>
          {PROVIDER_NAMES[provider]} {OUTCOME_WORDS[outcome]} <span class="quiet">({number(ms)} ms)</span>
        </li>
      ))}
    </ol>
  );
