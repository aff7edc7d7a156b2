import { arrayOf, having, TEXT } from '../../options/arguments.ts';
import { CANDIDATES, HISTORY, type RerankItem, titleOf } from '../rerank/item.ts';
import { shortened } from '../rerank/prompt.ts';

/**
 * Somebody by what he or she likes.
 *
 * @example
 * const person: AugmentPerson = { id: 'u1', history: ['Oak chair', { id: 'p2', title: 'Green tea' }] };
 */
export interface AugmentPerson {
  readonly id: string;
  /** What the person likes, the oldest first: items or titles. */
  readonly history: readonly (string | RerankItem)[];
}

/**
 * Somebody with items that may be added to what is known.
 *
 * @example
 * const person: EdgePerson = { id: 'u1', history: ['Oak chair'], candidates: [{ id: 'p2', title: 'Green tea' }] };
 */
export interface EdgePerson extends AugmentPerson {
  /** Items that the person does not have, such as the first of a recommender. */
  readonly candidates: readonly RerankItem[];
}

export const PEOPLE = arrayOf(
  'a list of people { id, history }',
  having<AugmentPerson>('a person', { id: TEXT, history: HISTORY }),
);

export const EDGE_PEOPLE = arrayOf(
  'a list of people { id, history, candidates }',
  having<EdgePerson>('a person', { id: TEXT, history: HISTORY, candidates: CANDIDATES }),
);

/** Items of a history that are shown, the newest. */
const MOST_SHOWN = 20;

/** What a chat model is shown of a history. */
export function shownHistory(history: AugmentPerson['history']): string[] {
  const known = history.map(titleOf).filter((title) => title.trim() !== '');
  return known.slice(-MOST_SHOWN).map(shortened);
}
