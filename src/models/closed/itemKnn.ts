import { checkIsInteractions } from '../../data/argumentKinds.ts';
import { transpose } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import { integer, number } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { SIGNAL } from '../../options/kinds.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { RowScorer } from '../../rank/rowScorer.ts';
import { Turns } from '../../runtime/turns.ts';
import { rowsFromColumns } from './cutRows.ts';
import type { ClosedModelDescriptor } from './descriptor.ts';
import { squaredNorms, weightedCsr } from './gram.ts';

/**
 * Options of `itemKnn`.
 *
 * @example
 * const options: ItemKnnOptions = { neighbours: 20, shrink: 10 };
 * const scorer = await itemKnn(split.train, options);
 */
export interface ItemKnnOptions {
  /** Neighbours kept for each item. Default 100. */
  readonly neighbours?: number;
  /** Added to the product of the norms, which damps similarities of rare items. Default 0. */
  readonly shrink?: number;
  /** Checked now and then. */
  readonly signal?: AbortSignal;
}

/** Every option of `itemKnn`. */
export const ITEM_KNN_OPTIONS = {
  neighbours: integer({ about: 'neighbours kept for each item', min: 1, default: 100 }),
  shrink: number({ about: 'damps similarities of rare items', min: 0, default: 0 }),
  signal: SIGNAL,
} satisfies DescriptorsOf<ItemKnnOptions>;

/**
 * Item-based nearest neighbours (Deshpande & Karypis, TOIS 2004): score(u, i) = Σ_{j ∈ history} sim(i, j) over the
 * neighbours j of i, sim = co-occurrences / (√(dᵢ·dⱼ) + shrink), the cosine of the items' columns. Of interactions with
 * weights w the columns hold √w, so that dᵢ is their sum. Of equal similarities the lower item indices are kept.
 *
 * @throws {OptionError} on an option out of range
 * @example
 * const scorer = await itemKnn(split.train, { neighbours: 20 });
 * scorer.numItems; // → 40
 */
export async function itemKnn(train: Interactions, options: ItemKnnOptions = {}): Promise<RowScorer> {
  checkIsInteractions(train, 'itemKnn');
  const { neighbours, shrink, signal } = resolveOptions(ITEM_KNN_OPTIONS, options, 'itemKnn');
  const { numItems } = train;
  const histories = weightedCsr(train);
  const users = transpose(histories);
  const degrees = squaredNorms(users);
  const common = new Float64Array(numItems);
  const colPtr = new Int32Array(numItems + 1);
  const sources: number[] = [];
  const weights: number[] = [];
  const turns = new Turns(signal);
  for (let item = 0; item < numItems; item++) {
    await turns.offer();
    const touched = new Set<number>();
    for (let m = users.rowPtr[item]; m < users.rowPtr[item + 1]; m++) {
      const user = users.colIdx[m];
      const own = users.values ? users.values[m] : 1;
      for (let n = histories.rowPtr[user]; n < histories.rowPtr[user + 1]; n++) {
        const other = histories.colIdx[n];
        common[other] += histories.values ? own * histories.values[n] : 1;
        touched.add(other);
      }
    }
    touched.delete(item);
    const similarity = (other: number) =>
      Math.fround(common[other] / (Math.sqrt(degrees[item] * degrees[other]) + shrink));
    const nearest = Array.from(touched, (other) => ({ other, weight: similarity(other) }))
      .sort((a, b) => b.weight - a.weight || a.other - b.other)
      .slice(0, neighbours);
    for (const { other, weight } of nearest) {
      sources.push(other);
      weights.push(weight);
    }
    common[item] = 0;
    for (const other of touched) common[other] = 0;
    colPtr[item + 1] = sources.length;
  }
  const columns = {
    numItems,
    colPtr,
    sources: Int32Array.from(sources),
    weights: Float32Array.from(weights),
  };
  return new RowScorer(
    'item-knn',
    await rowsFromColumns(columns, new Float64Array(numItems).fill(Infinity), turns),
  );
}

export const itemKnnModel: ClosedModelDescriptor<'item-knn'> = {
  name: 'item-knn',
  kind: 'closed',
  vectors: 'unread',
  options: ITEM_KNN_OPTIONS,
  grid: () => [{}],
  async train(train, _, settings, { signal } = {}) {
    const scorers = [];
    for (const given of settings) scorers.push(await itemKnn(train, { ...given, signal }));
    return scorers;
  },
};
