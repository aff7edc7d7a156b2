import { argument, arrayOf, having, TEXT } from '../../options/arguments.ts';

/**
 * What can be ranked: a recommendation, or anything with an id and a title.
 *
 * @example
 * const item: RerankItem = { id: 'i1', title: 'Steel bottle' };
 */
export interface RerankItem {
  readonly id: string;
  /** What the chat model is shown; the id where there is none. */
  readonly title?: string | null;
}

const ITEM = having<RerankItem>('{ id, title }', { id: TEXT });

/** Candidates, our order. */
export const CANDIDATES = arrayOf('a list of items with ids', ITEM);

/** What a person likes. */
export const HISTORY = arrayOf(
  'a list of items or titles',
  argument<string | RerankItem>('an item or a title', (value) => TEXT.is(value) || ITEM.is(value)),
);

/** What the chat model is shown of an item, or of a title. */
export function titleOf(item: string | RerankItem): string {
  if (typeof item === 'string') return item;
  return typeof item.title === 'string' && item.title.trim() !== '' ? item.title : item.id;
}
