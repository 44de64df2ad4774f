import { z } from "zod";

/** The whole of a queue message: which dispatch of which job. Everything else is in the rows. */
export const QueueMessage = z.object({ jobId: z.uuid(), dispatch: z.int().positive() });
