import type { AttributeValue } from './where/expression.ts';

/**
 * An item that comes after training.
 *
 * @example
 * const item: NewItem = { id: 'new', title: 'Oak bottle', vector: embeddings.vectors.slice(0, embeddings.width) };
 */
export interface NewItem {
  /** One that no item has. */
  readonly id: string;
  readonly title?: string;
  /** Its text, for a model that keeps lexical vectors. */
  readonly text?: string;
  /** Instead of it the vector of its text, by the embedder that made those of the model (`model.text.encoder`). */
  readonly vector?: ArrayLike<number>;
  /** Values of columns that the model keeps; those left out are missing. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/**
 * What is new about an item: what is left out stays.
 *
 * @example
 * const update: ItemUpdate = { id: 'i1', title: 'Steel bottle, 1 l' };
 */
export interface ItemUpdate {
  readonly id: string;
  readonly title?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/**
 * Something a person did.
 *
 * @example
 * const rows: NewInteraction[] = [{ user: 'u1', item: 'i3' }, { user: 'u1', item: 'i9', liked: false }];
 * const recommender = await Recommender.open(modelBytes);
 * recommender.addInteractions(rows);
 */
export interface NewInteraction {
  readonly user: string;
  readonly item: string;
  /** Whether the person likes the item. Default true. */
  readonly liked?: boolean;
}

/**
 * One change, as JSON can keep it: the same changes in the same order give the same bytes of `encode`.
 *
 * @example
 * const change: ModelChange = { op: 'hideItems', ids: ['i1'], hidden: true };
 * const recommender = await Recommender.open(modelBytes);
 * recommender.apply(change);
 */
export type ModelChange =
  | { readonly op: 'addItems'; readonly items: readonly NewItem[]; readonly exposure?: number }
  | { readonly op: 'updateItems'; readonly items: readonly ItemUpdate[] }
  | { readonly op: 'removeItems'; readonly ids: readonly string[] }
  | { readonly op: 'hideItems'; readonly ids: readonly string[]; readonly hidden: boolean }
  | { readonly op: 'addInteractions'; readonly rows: readonly NewInteraction[] }
  | { readonly op: 'removeUser'; readonly user: string };
