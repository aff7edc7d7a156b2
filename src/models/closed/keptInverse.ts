import { checkIsInteractions } from '../../data/argumentKinds.ts';
import { transpose } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import { boolean } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { SIGNAL } from '../../options/kinds.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { load, type Runtime } from '../../runtime/load.ts';
import { RUNTIME } from '../../runtime/option.ts';
import { Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { ItemInverse } from '../../serve/modelFile/data.ts';
import { defaultEntries, ENTRIES } from './cutRows.ts';
import { gramInverseRoom, invertGram } from './denseItemRows.ts';
import { squaredNorms, weightedCsr } from './gram.ts';
import { L3AE_OPTIONS } from './l3aeOptions.ts';

/**
 * Options of `keptInverse`: those that the rows were learned with.
 *
 * @example
 * const options: KeptInverseOptions = { regularization: 50, runtime };
 * const inverse = await keptInverse(split.train, options);
 */
export interface KeptInverseOptions {
  /** λ > 0. Default 100. */
  readonly regularization?: number;
  /** p ≥ 0, of `l3ae` with `form: 'dense'` and no vectors, whose default is 1; `ease` has none. Default 0. */
  readonly popularityPenalty?: number;
  /** Whether weights below 0 are kept. Default: as in `ease`, where all entries are. */
  readonly negative?: boolean;
  /** Entries of a row that are kept, on average. Default 20 below 5,000 items, 32 below 20,000, 50 above. */
  readonly entries?: number;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
}

const OPTIONS = {
  ...{ regularization: L3AE_OPTIONS.regularization, entries: ENTRIES, runtime: RUNTIME, signal: SIGNAL },
  popularityPenalty: { ...L3AE_OPTIONS.popularityPenalty, defaultText: '0' },
  negative: boolean({ about: 'whether weights below 0 are kept', defaultText: 'where all entries are kept' }),
} satisfies DescriptorsOf<KeptInverseOptions>;

/**
 * The inverse behind the rows of `ease`, or of a dense `l3ae` without vectors, for `modelFrom` to keep: the opened recommender
 * then takes what people do into the rows of items, too, as a training on everything would, within 1e-5. Takes
 * numItems² × 2 bytes of the file, and a second training's time.
 *
 * @param train what the rows were learned from @param options what they were learned with
 * @throws as `ease`
 * @example
 * const inverse = await keptInverse(split.train, { regularization: 50, runtime });
 * const model = modelFrom(split, await ease(split.train, { regularization: 50, runtime }), { inverse });
 */
export async function keptInverse(
  train: Interactions,
  options: KeptInverseOptions = {},
): Promise<ItemInverse> {
  checkIsInteractions(train, 'keptInverse');
  const {
    regularization,
    popularityPenalty = 0,
    entries = defaultEntries(train.numItems),
    negative = entries === Number.POSITIVE_INFINITY,
    runtime = await load(),
    signal,
  } = resolveOptions(OPTIONS, options, 'keptInverse');
  const turns = new Turns(signal);
  const settings = { regularization, popularityPenalty, negative, entries };
  const byUser = weightedCsr(train);
  const layout = (workspace: Workspace) =>
    workspace.foresee(() => gramInverseRoom(workspace, train.numItems));
  return runtime.use('keptInverse', layout, async (_, workspace) => {
    const squares = squaredNorms(transpose(byUser));
    const p = await invertGram(workspace, byUser, squares, settings, turns);
    const { view, stride } = p;
    const values = new Float32Array((train.numItems * (train.numItems + 1)) / 2);
    for (let i = 0, at = 0; i < train.numItems; at += ++i)
      values.set(view.subarray(i * stride, i * stride + i + 1), at);
    const { rowPtr, colIdx } = byUser;
    return {
      values,
      learned: { rowPtr, colIdx, values: byUser.values && new Float32Array(byUser.values) },
      settings: { ...settings, entries: entries === Number.POSITIVE_INFINITY ? null : entries },
    };
  });
}
