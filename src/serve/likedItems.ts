import type { History } from './history.ts';
import { inOrder } from './historyOrder.ts';
import { personOf } from './person.ts';
import type { ServingState } from './servingState.ts';

/**
 * An item that somebody likes.
 *
 * @example
 * const liked: readonly LikedItem[] = recommender.likedItems('u1');
 */
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
