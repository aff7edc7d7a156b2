import { checkIsInteractions } from '../../data/argumentKinds.ts';
import type { Interactions } from '../../data/interactions.ts';
import { number } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { SIGNAL } from '../../options/kinds.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { RowScorer } from '../../rank/rowScorer.ts';
import { load, type Runtime } from '../../runtime/load.ts';
import { RUNTIME } from '../../runtime/option.ts';
import { Turns } from '../../runtime/turns.ts';
import { countBytes, type Workspace } from '../../runtime/workspace.ts';
import { defaultEntries, ENTRIES } from './cutRows.ts';
import { denseItemRows, denseRoom } from './denseItemRows.ts';
import type { ClosedModelDescriptor } from './descriptor.ts';
import { weightedCsr } from './gram.ts';
import { keptInverse } from './keptInverse.ts';

/**
 * Options of `ease`.
 *
 * @example
 * const options: EaseOptions = { regularization: 50, entries: 20, runtime };
 * const scorer = await ease(split.train, options);
 */
export interface EaseOptions {
  /** λ > 0, added to the diagonal of RᵀR. Default 100. */
  readonly regularization?: number;
  /**
   * Entries of a row of B that are kept, on average, those of the largest weights above 0; rows of popular items keep
   * more. Infinity: all of B, weights below 0 too, which is Steck's model to the letter, and as good. Default 20 below
   * 5,000 items, 32 below 20,000, 50 above.
   */
  readonly entries?: number;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
}

/** Every option of `ease`. */
export const EASE_OPTIONS = {
  regularization: number({ about: 'λ, on the diagonal of RᵀR', above: 0, default: 100 }),
  entries: ENTRIES,
  runtime: RUNTIME,
  signal: SIGNAL,
} satisfies DescriptorsOf<EaseOptions>;

/**
 * EASE (Steck, WWW 2019): B = I − P · diag(1/diag P) with P = (RᵀR + λI)⁻¹, the closed form of a linear autoencoder
 * with zero diagonal; score(u, i) = Σ_{j ∈ history} B[j][i]. Takes about numItems² × 4 bytes and numItems³ operations.
 *
 * @throws {OptionError} on an option out of range, or a λ that is too small for the inverse in f32
 * @throws {BudgetError} when the job does not fit `maxMemoryBytes`
 * @example
 * const scorer = await ease(split.train, { regularization: 50, runtime });
 * scorer.kind; // → 'rows'
 */
export async function ease(train: Interactions, options: EaseOptions = {}): Promise<RowScorer> {
  checkIsInteractions(train, 'ease');
  const {
    regularization,
    entries,
    runtime = await load(),
    signal,
  } = resolveOptions(EASE_OPTIONS, options, 'ease');
  const turns = new Turns(signal);
  const { numItems } = train;
  const settings = {
    regularization,
    popularityPenalty: 0,
    textWeight: 0,
    negative: entries === Number.POSITIVE_INFINITY,
    entries: entries ?? defaultEntries(numItems),
  };
  const layout = (workspace: Workspace) => workspace.foresee(() => denseRoom(workspace, numItems, null));
  return runtime.use('ease', layout, async (_, workspace) => {
    const rows = await denseItemRows(workspace, weightedCsr(train), null, settings, turns);
    return new RowScorer('ease', rows);
  });
}

export const easeModel: ClosedModelDescriptor<'ease'> = {
  name: 'ease',
  kind: 'closed',
  vectors: 'unread',
  options: EASE_OPTIONS,
  work: ({ numItems }) => numItems * numItems * numItems,
  bytes: ({ numItems }, _, models) => ({
    working:
      countBytes((workspace) => workspace.foresee(() => denseRoom(workspace, numItems, null))) +
      8 * defaultEntries(numItems) * numItems * models,
    kept: 8 * defaultEntries(numItems) * numItems,
  }),
  grid: () => [100, 20, 50, 200, 500].map((regularization) => ({ regularization })),
  async train(train, _, settings, { runtime, signal, onProgress } = {}) {
    const scorers = [];
    for (const given of settings) {
      scorers.push(await ease(train, { ...given, runtime, signal }));
      onProgress?.(scorers.length / settings.length);
    }
    return scorers;
  },
  inverse: (train, settings, { runtime, signal } = {}) =>
    keptInverse(train, { ...settings, runtime, signal }),
};
