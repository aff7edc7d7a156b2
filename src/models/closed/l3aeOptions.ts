import { boolean, integer, number, oneOf } from '../../options/builders.ts';
import type { DescriptorsOf, Resolved } from '../../options/descriptor.ts';
import { progressOption, SIGNAL } from '../../options/kinds.ts';
import type { Runtime } from '../../runtime/load.ts';
import { RUNTIME } from '../../runtime/option.ts';
import { defaultEntries, ENTRIES } from './cutRows.ts';
import { comparedByClusters } from './textNeighbours.ts';

/** Above so many items sources by text are found by approximate search. */
const LARGE_CATALOGUE = 50_000;
/** Below so many items the penalty on popularity does not help. */
const SMALL_CATALOGUE = 2_000;

/**
 * How far the computation is.
 *
 * @example
 * const onProgress = ({ done, total }: ClosedFormProgress) => console.log(`${done} of ${total}`);
 * const scorer = await l3ae(split.train, embeddings, { onProgress, runtime });
 */
export interface ClosedFormProgress {
  /** Items whose weights are known, over all models that are trained together. */
  readonly done: number;
  readonly total: number;
}

/** Multiplications of finding sources by text, as it is done for a catalogue of this size. */
export function textWork(numItems: number, width: number): number {
  const compared = numItems > LARGE_CATALOGUE ? comparedByClusters(numItems) : numItems;
  return numItems * compared * width;
}

/**
 * Options of `l3ae`.
 *
 * @example
 * const options: L3aeOptions = { regularization: 50, textShare: 0.5, runtime };
 * const scorer = await l3ae(split.train, embeddings, options);
 */
export interface L3aeOptions {
  /** λ > 0: on the diagonal of XᵀX. Default 100. */
  readonly regularization?: number;
  /** f ≥ 0: the share of λ that draws weights to those of the text, λ_E = f λ; above 1 means λ_X < 0. Default 1. */
  readonly textShare?: number;
  /** λ_F > 0: on the diagonal of FᵀF, the vectors' second moments. Default 10. */
  readonly textRegularization?: number;
  /** p ≥ 0: λ grows with an item's interactions, λ + p G_ii. Default 0.5; 0 below 2,000 items; 1 without vectors. */
  readonly popularityPenalty?: number;
  /**
   * `sparse`: one small system an item, linear in their number. `dense`: over all items at once, for catalogues of up to
   * about 5,000 items; reads neither candidates nor steps. Default `sparse`.
   */
  readonly form?: 'sparse' | 'dense';
  /** m: items that may predict another one. Default 100. */
  readonly candidates?: number;
  /**
   * How sources are found by text: `exact`, each item compared with all, or `approximate`, with those of near clusters, which
   * then are half of its sources. Default `exact` up to 50,000 items.
   */
  readonly textSearch?: 'exact' | 'approximate';
  /** Steps of conjugate gradients. Default 4. */
  readonly steps?: number;
  /** Weights below 0 are kept. Default false: dropping them loses nothing. */
  readonly negative?: boolean;
  /** Entries of a row that are kept, on average. Default 20 below 5,000 items, 32 below 20,000, 50 above. */
  readonly entries?: number;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ClosedFormProgress) => void;
}

/** Every option of `l3ae`. */
export const L3AE_OPTIONS = {
  regularization: number({ about: 'λ, on the diagonal of XᵀX', above: 0, default: 100 }),
  textShare: number({ about: 'share of λ that draws weights to those of the text', min: 0, default: 1 }),
  textRegularization: number({ about: 'λ of the vectors', above: 0, default: 10 }),
  popularityPenalty: number({
    about: 'how much λ grows with an item’s interactions',
    min: 0,
    defaultText: '0.5; 0 below 2,000 items; 1 without vectors',
  }),
  form: oneOf(['sparse', 'dense'], { about: 'one system an item, or one for all', default: 'sparse' }),
  candidates: integer({
    about: 'items that may predict another one',
    min: 1,
    default: 100,
    readBy: { form: ['sparse'] },
  }),
  textSearch: oneOf(['exact', 'approximate'], {
    about: 'whether each item is compared with all others by text, or with those of near clusters',
    defaultText: 'exact up to 50,000 items',
    readBy: { form: ['sparse'] },
  }),
  steps: integer({
    about: 'steps of conjugate gradients',
    min: 1,
    default: 4,
    readBy: { form: ['sparse'] },
  }),
  negative: boolean({ about: 'whether weights below 0 are kept', default: false }),
  entries: ENTRIES,
  runtime: RUNTIME,
  signal: SIGNAL,
  onProgress: progressOption<ClosedFormProgress>(),
} satisfies DescriptorsOf<L3aeOptions>;

/** The options with what they mean for one catalogue. */
export type L3aeSettings = ReturnType<typeof l3aeSettings>;

/** What resolved options mean for a catalogue. */
export function l3aeSettings(given: Resolved<typeof L3AE_OPTIONS>, numItems: number, withText: boolean) {
  const { form, regularization, textShare, candidates = 1, steps = 1, negative } = given;
  return {
    form,
    regularization,
    textWeight: withText ? textShare * regularization : 0,
    popularityPenalty: given.popularityPenalty ?? (!withText ? 1 : numItems < SMALL_CATALOGUE ? 0 : 0.5),
    candidates,
    steps,
    textSearch: given.textSearch ?? (numItems > LARGE_CATALOGUE ? 'approximate' : 'exact'),
    negative,
    entries: given.entries ?? defaultEntries(numItems),
  };
}
