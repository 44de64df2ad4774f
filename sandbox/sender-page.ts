export interface Page {
  limit: number;
  /** The id that the last page ended with. */
  after: string | null;
}

/** The id to go on after; null when this page was the last. */
export function nextAfter(items: { id: string }[], page: Page): string | null {
  return items.length === page.limit ? (items.at(-1)?.id ?? null) : null;
}
