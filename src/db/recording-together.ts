import type { JobResult, JobStore } from "../ports/jobs.ts";

/** Runs one call after another, and gives each what has gathered meanwhile. */
type OneAtATime = <Item, Answer>(run: (items: Item[]) => Promise<Answer[]>) => (item: Item) => Promise<Answer>;

/** Jobs of one batch that have something to save at the same time save it in one write. */
export function recordingTogether(jobs: JobStore, oneAtATime: OneAtATime): JobStore {
  const record = oneAtATime(async (asked: { results: JobResult[]; now: number }[]) => {
    const latest = Math.max(...asked.map(({ now }) => now));
    const standings = await jobs.record(
      asked.flatMap(({ results }) => results),
      latest,
    );
    const byJob = new Map(standings.map((standing) => [standing.jobId, standing]));
    return asked.map(({ results }) => results.flatMap(({ jobId }) => byJob.get(jobId) ?? []));
  });
  return { ...jobs, record: (results, now) => record({ results, now }) };
}
