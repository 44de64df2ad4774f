/**
 * Asks for one thing at a time: what is asked for meanwhile is gathered, and asked for together as soon as the one before
 * is over. Nobody waits for company, and the more there is to do, the more is done at once.
 * @param run answers all items in their order; when it throws, each of them is asked for by itself.
 */
export function oneAtATime<Item, Answer>(run: (items: Item[]) => Promise<Answer[]>): (item: Item) => Promise<Answer> {
  interface Asked {
    item: Item;
    resolve: (answer: Answer) => void;
    reject: (error: unknown) => void;
  }
  let gathered: Asked[] = [];
  let running = false;

  const ask = async (asked: Asked[]): Promise<void> => {
    try {
      const answers = await run(asked.map(({ item }) => item));
      asked.forEach(({ resolve }, index) => resolve(answers[index] as Answer));
    } catch (error) {
      const [only, ...others] = asked;
      if (only && others.length === 0) return only.reject(error);
      // One of them may be at fault; the others must not suffer for it.
      for (const each of asked) await ask([each]);
    }
  };

  const goOn = async () => {
    while (gathered.length > 0) {
      const asked = gathered;
      gathered = [];
      await ask(asked);
    }
    running = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      gathered.push({ item, resolve, reject });
      if (running) return;
      running = true;
      // Those who ask in the same moment are asked for together.
      queueMicrotask(goOn);
    });
}
