import { integer, number } from '../options/builders.ts';
import type { Descriptors } from '../options/descriptor.ts';
import { variant } from '../options/objects.ts';

/**
 * Ways to draw negatives.
 *
 * @example
 * NEGATIVES.includes('uniform'); // → true
 */
export const NEGATIVES = ['uniform', 'popularity', 'hard', 'in-batch', 'disliked'] as const;

/**
 * How the negative of each training pair is drawn. All draw again while the item is one of the user's training items
 * (`standard`) or the positive itself (`paper`).
 *
 * @example
 * const negatives: NegativesOptions = { name: 'hard', candidates: 4 };
 * const trained = await train({ split }, { model: 'lightgcn', dim: 8, epochs: 1, negatives });
 */
export type NegativesOptions =
  /** Every item alike. */
  | { readonly name: 'uniform' }
  /**
   * In proportion to (training interactions)^α, α in [0, 1]; default 1, which is as good as 0.75 (Mikolov et al., word2vec,
   * NIPS 2013) or better in all trainings here and does not dip at first. Items
   * without an interaction are not drawn.
   */
  | { readonly name: 'popularity'; readonly exponent?: number }
  /**
   * The highest-scoring of several uniform draws under the weights of the moment (dynamic negative sampling, Zhang et
   * al., SIGIR 2013). Default 8 candidates.
   */
  | { readonly name: 'hard'; readonly candidates?: number }
  /** The positive of another pair of the batch (Hidasi et al., GRU4Rec, ICLR 2016), which follows popularity. */
  | { readonly name: 'in-batch' }
  /**
   * With the probability `share` an item that the user has explicitly rated low (`Split.disliked`), else every item
   * alike; users without such items get the others only. Default 0.5.
   */
  | { readonly name: 'disliked'; readonly share?: number };

/** The default. */
export const UNIFORM: NegativesOptions = { name: 'uniform' };

/** The option of `fit`. */
export const NEGATIVES_OPTION = variant(
  {
    uniform: {},
    popularity: {
      exponent: number({
        about: 'of negatives by popularity',
        ...{
          flag: '--popularity-exponent <number>',
          min: 0,
          max: 1,
          default: 1,
          source: 'validation NDCG@10',
        },
      }),
    },
    hard: {
      candidates: integer({
        about: 'draws of which hard keeps the best',
        ...{ flag: '--hard-candidates <n>', min: 1, default: 8 },
      }),
    },
    'in-batch': {},
    disliked: {
      share: number({
        about: 'of negatives that the user has rated low',
        ...{ flag: '--disliked-share <number>', min: 0, max: 1, default: 0.5 },
      }),
    },
  } satisfies Record<NegativesOptions['name'], Descriptors>,
  { about: 'how negatives are drawn', flag: '--negatives <name>', default: UNIFORM },
);
