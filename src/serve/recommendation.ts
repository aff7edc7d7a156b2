/**
 * One recommended item.
 *
 * @example
 * const [best]: Recommendation[] = recommender.recommend('u1', { k: 1 });
 * console.log(best.id, best.title, best.score);
 */
export interface Recommendation {
  readonly id: string;
  /** null when the model has no titles. */
  readonly title: string | null;
  /** Only its order means something. Of a model of factors: the inner product of the person's and the item's final rows. */
  readonly score: number;
  /** true for an item that came after training, by its text or vector; else left out. */
  readonly cold?: true;
}

/**
 * Recommended items, best first, with what else there is to say about them; none of it is enumerable.
 *
 * @example
 * const items: Recommendations = recommender.recommend('u1', { k: 3 });
 * items.basis; // → 'user'
 */
export interface Recommendations extends Array<Recommendation> {
  /** What the ranking goes by: the person's own row or items, a history, or what is popular, since nothing else is known. */
  readonly basis: 'user' | 'history' | 'popular' | 'items' | 'text';
  /** Items of the history that the model does not have. */
  readonly unknownItems: readonly string[];
  /** Whether fewer than `k` came back, since no more are left of all that the options allow. */
  readonly isShort: boolean;
}

/** A list with what else there is to say. */
export function recommendationsOf(
  items: Recommendation[],
  basis: Recommendations['basis'],
  unknownItems: readonly string[] = [],
  isShort = false,
): Recommendations {
  Object.defineProperties(items, {
    basis: { value: basis },
    unknownItems: { value: unknownItems },
    isShort: { value: isShort },
  });
  return items as Recommendations;
}
