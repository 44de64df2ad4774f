import type { Instant } from "../../domain/breaker.ts";
import type { ClaimedJob } from "../../ports/jobs.ts";

/** What is looked at and ended of an attempt. */
interface Withdrawable {
  job: ClaimedJob;
  leaseUntil: Instant;
  whenWithdrawn?: () => Promise<void>;
}

/**
 * What one batch knows of work that was withdrawn. Whoever withdraws writes D1 first and then raises the Breaker's revision;
 * so a batch that meets a new one looks into D1 once, for all its attempts, and those whose jobs do not stand any more begin
 * no further call.
 */
export function createWithdrawals(standing: (jobs: ClaimedJob[]) => Promise<string[]>) {
  let attempts: Withdrawable[] = [];
  let known: number | null = null;
  let looking: Promise<void> | null = null;

  const look = async (revision: number) => {
    const running = attempts.filter((attempt) => attempt.leaseUntil > 0);
    const stand = new Set(await standing(running.map(({ job }) => job)));
    for (const attempt of running) if (!stand.has(attempt.job.id)) attempt.leaseUntil = 0;
    await Promise.all(running.map((attempt) => attempt.whenWithdrawn?.()));
    known = revision;
  };

  return {
    begin(all: Withdrawable[]): void {
      attempts = all;
    },
    /** Whether all that was withdrawn up to `revision` is known. False after a look for it: an admission is older by then. */
    async isKnown(revision: number): Promise<boolean> {
      // The first answer comes before the claim, which reads the rows after it.
      known ??= revision;
      if (revision <= known) return true;
      looking ??= look(revision).finally(() => (looking = null));
      await looking;
      return false;
    },
  };
}
