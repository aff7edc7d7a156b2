import { checkIsInteractions } from '../../data/argumentKinds.ts';
import type { Interactions } from '../../data/interactions.ts';
import { combineEmbeddings } from '../../embed/combine.ts';
import { alignEmbeddings, checkIsEmbeddings, type Embeddings } from '../../embed/embeddings.ts';
import { boolean, integer, number, oneOf } from '../../options/builders.ts';
import type { DescriptorsOf, Resolved } from '../../options/descriptor.ts';
import { progressOption, SIGNAL } from '../../options/kinds.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { RowScorer } from '../../rank/rowScorer.ts';
import { load, type Runtime } from '../../runtime/load.ts';
import { RUNTIME } from '../../runtime/option.ts';
import { Turns } from '../../runtime/turns.ts';
import { defaultEntries, ENTRIES, rowBudgets, rowsFromColumns } from './cutRows.ts';
import { denseItemRows } from './denseItemRows.ts';
import type { ClosedModelDescriptor } from './descriptor.ts';
import { weightedCsr } from './gram.ts';
import { ItemSystems } from './itemSystems.ts';
import { type NeighbourLists, textNeighbours } from './textNeighbours.ts';
import { TextPrior } from './textPrior.ts';

/** Above so many items sources by text are found by approximate search. */
const LARGE_CATALOGUE = 50_000;
/** Below so many items the penalty on popularity does not help. */
const SMALL_CATALOGUE = 2_000;

/** How far the computation is. */
export interface ClosedFormProgress {
  /** Items whose weights are known. */
  readonly done: number;
  readonly total: number;
}

/** Options of `l3ae`. */
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

/**
 * L3AE in sparse rows: EASE's linear autoencoder whose weights are drawn to what the items' texts say. The full model is
 * B = argmin ‖X − XB‖² + λ_X‖B‖² + λ_E‖B − C‖², diag B = 0, with C from the vectors (see `TextPrior`); here every column
 * is solved over the m items alone that lower its loss most, each on its own, and rows are cut to their largest entries.
 * That loses nothing of the full model's quality in the comparisons made, and is linear in the number of items but for
 * the search among texts. With m = numItems − 1 and enough steps it is the full model. Without vectors C = 0: a sparse EASE
 * whose sources are those of the largest cosine.
 * Source: L3AE (CIKM 2025), Eq. 6 to 9; deviations: the restriction to m sources, λ + p G_ii in place of λ, and weights
 * below 0 dropped. Same input and options: same bytes, for any number of threads.
 *
 * @param embeddings vectors of items, of any width, as they are or from `combineEmbeddings`; centred and normalised here.
 *   Items without one have clicks only
 * @throws {OptionError} on an option out of range
 * @throws {DataError} when no item has a vector, or all vectors are equal
 * @throws {BudgetError} when the job does not fit the runtime's memory
 */
export async function l3ae(
  train: Interactions,
  embeddings: Embeddings | null,
  options: L3aeOptions = {},
): Promise<RowScorer> {
  return (await l3aeModels(train, embeddings, [options]))[0];
}

/**
 * As `l3ae`, several models at once: what does not depend on their settings is computed once. They share
 * textRegularization, textSearch, runtime, signal and onProgress, which are those of the first.
 */
export async function l3aeModels(
  train: Interactions,
  embeddings: Embeddings | null,
  options: readonly L3aeOptions[],
): Promise<RowScorer[]> {
  checkIsInteractions(train, 'l3ae');
  if (embeddings !== null) checkIsEmbeddings(embeddings, 'l3ae');
  const resolved = options.map((given) => resolveOptions(L3AE_OPTIONS, given, 'l3ae'));
  const { textRegularization, runtime = await load(), signal, onProgress } = resolved[0];
  const turns = new Turns(signal);
  const workspace = runtime.open();
  try {
    const prior = embeddings && (await priorOf(embeddings, train.itemIds));
    const withText = embeddings !== null;
    const settings = resolved.map((given) => settingsOf(given, train.numItems, withText));
    const sparse = settings.filter(({ form }) => form === 'sparse');
    const systems =
      sparse.length > 0
        ? new ItemSystems(workspace, train, prior, await neighboursOf(sparse[0], prior))
        : null;
    const progress = (done: number, total: number) => onProgress?.({ done, total });
    const columns = (await systems?.columns(sparse, turns, progress)) ?? [];
    const scorers: RowScorer[] = [];
    for (const setting of settings) {
      const { form, entries } = setting;
      const rows =
        form === 'sparse'
          ? await rowsFromColumns(columns.shift()!, rowBudgets(systems!.squares, entries), turns)
          : await denseItemRows(workspace, weightedCsr(train), prior, setting, turns);
      scorers.push(new RowScorer('l3ae', rows));
    }
    return scorers;
  } finally {
    workspace.close();
  }

  async function neighboursOf(
    { textSearch, candidates }: ReturnType<typeof settingsOf>,
    prior: TextPrior | null,
  ): Promise<NeighbourLists | null> {
    if (prior === null || textSearch === 'exact') return null;
    const { targets, mapped } = prior;
    return textNeighbours(workspace, targets, mapped, train.numItems, Math.ceil(candidates / 2), turns);
  }

  async function priorOf(given: Embeddings, itemIds: readonly string[]): Promise<TextPrior> {
    const prepared = combineEmbeddings([{ embeddings: given }], itemIds);
    const { vectors } = alignEmbeddings(prepared, itemIds);
    return TextPrior.of(workspace, vectors, prepared.width, textRegularization, turns);
  }
}

/** What the options mean for a catalogue. @throws {OptionError} on one that is unknown or out of range */
export function l3aeSettings(options: L3aeOptions, numItems: number, withText: boolean) {
  return settingsOf(resolveOptions(L3AE_OPTIONS, options, 'l3ae'), numItems, withText);
}

function settingsOf(given: Resolved<typeof L3AE_OPTIONS>, numItems: number, withText: boolean) {
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

export const l3aeModel: ClosedModelDescriptor<'l3ae'> = {
  name: 'l3ae',
  kind: 'closed',
  vectors: 'optional',
  options: L3AE_OPTIONS,
  grid: (withVectors) =>
    [100, 50, 200].flatMap((regularization) =>
      withVectors ? [1, 0.5, 1.5].map((textShare) => ({ regularization, textShare })) : [{ regularization }],
    ),
  train: (train, embeddings, settings, { runtime, signal, onProgress } = {}) =>
    l3aeModels(
      train,
      embeddings,
      settings.map((given) => ({
        ...given,
        runtime,
        signal,
        onProgress: onProgress && (({ done, total }) => onProgress(done / total)),
      })),
    ),
};
