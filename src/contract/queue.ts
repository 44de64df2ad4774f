import { z } from "zod";

const Dispatch = z.object({ jobId: z.uuid(), dispatch: z.int().positive() });

/**
 * The whole of a queue message: which dispatches of which jobs. Everything else is in the rows. A message used to
 * be a single dispatch, and such a one may still wait in a queue for days after a deploy.
 */
export const QueueMessage = z.union([
  z.object({ jobs: z.array(Dispatch).min(1) }),
  Dispatch.transform((one) => ({ jobs: [one] })),
]);
