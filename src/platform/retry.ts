/** How an action is tried again. */
export interface Retries {
  /** One pause before each further try. */
  pausesMs: readonly number[];
  /** Whether another try may help. */
  passes?: (error: unknown) => boolean;
  failed: (error: unknown, attempt: number) => void;
}

/** Does it again after growing pauses. @throws what the last try did */
export async function retrying<T>(
  action: () => Promise<T>,
  { pausesMs, passes = () => true, failed }: Retries,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      const pauseMs = pausesMs[attempt];
      if (!passes(error)) throw error;
      failed(error, attempt + 1);
      if (pauseMs === undefined) throw error;
      await scheduler.wait(pauseMs);
    }
  }
}
