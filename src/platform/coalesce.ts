/**
 * Gathers what is asked for in the same turn of the event loop, and asks for it once.
 * @param run answers all items in their order; when it throws, every asker gets the error.
 */
export function coalesce<Item, Answer>(run: (items: Item[]) => Promise<Answer[]>): (item: Item) => Promise<Answer> {
  let gathered: { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = [];

  const flush = async () => {
    const asked = gathered;
    gathered = [];
    try {
      const answers = await run(asked.map(({ item }) => item));
      asked.forEach(({ resolve }, index) => resolve(answers[index] as Answer));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      gathered.push({ item, resolve, reject });
      if (gathered.length === 1) setTimeout(flush, 0);
    });
}
