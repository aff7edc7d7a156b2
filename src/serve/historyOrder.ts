import type { ServingState } from './servingState.ts';

/** Somebody's items, as `History` gives them. */
interface GivenItems {
  readonly history: readonly string[];
  readonly weights?: readonly number[];
  readonly times?: readonly number[];
}

/** The liked items of a history by its times, else in its order; of an item that stands twice the later place. */
export function inOrder({ catalogue }: ServingState, { history, weights, times }: GivenItems): number[] {
  const places = Array.from(history.keys()).filter((n) => weights === undefined || weights[n] > 0);
  if (times) places.sort((a, b) => times[a] - times[b] || a - b);
  const items = new Set<number>();
  for (const n of places) {
    const item = catalogue.ids.find(history[n]);
    if (item < 0) continue;
    items.delete(item);
    items.add(item);
  }
  return [...items];
}
