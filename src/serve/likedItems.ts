import { type History, personOf } from './person.ts';
import type { ServingState } from './servingState.ts';

/** An item that somebody likes. */
export interface LikedItem {
  readonly id: string;
  /** null when the model has no titles. */
  readonly title: string | null;
}

/** What somebody likes, as far as the model has it; see `Recommender.likedItems`. */
export function likedItemsOf(state: ServingState, where: string, person: string | History): LikedItem[] {
  const { liked } = personOf(state, person, {}, where);
  const items = typeof person === 'string' ? liked : inOrder(state, person);
  return items.map((item) => ({ id: state.catalogue.ids.at(item), title: state.catalogue.titleOf(item) }));
}

/** The liked items of a history by its times, else in its order; of an item that stands twice the later place. */
function inOrder({ catalogue }: ServingState, { history, weights, times }: History): number[] {
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
