import { interactionsToCsr, transpose } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import { OptionError, shown } from '../../errors.ts';
import { type DenseScorer, historyScorer } from '../../rank/denseScorer.ts';

export interface ItemKnnOptions {
  /** Neighbours kept for each item. Default 100. */
  readonly neighbours?: number;
  /** Added to the product of the norms, which damps similarities of rare items. Default 0. */
  readonly shrink?: number;
}

/**
 * Item-based nearest neighbours (Deshpande & Karypis, TOIS 2004): score(u, i) = Σ_{j ∈ history} sim(i, j) over the
 * neighbours j of i, sim = co-occurrences / (√(dᵢ·dⱼ) + shrink), the cosine of the items' columns. Takes
 * numItems² × 4 bytes.
 *
 * @throws {OptionError} on an option out of range
 */
export function itemKnn(train: Interactions, options: ItemKnnOptions = {}): DenseScorer {
  const { neighbours = 100, shrink = 0 } = options;
  if (!Number.isSafeInteger(neighbours) || neighbours < 1)
    refuse(`neighbours to be an integer ≥ 1, received ${shown(neighbours)}`, 100);
  if (!(shrink >= 0 && Number.isFinite(shrink)))
    refuse(`shrink to be a number ≥ 0, received ${shown(shrink)}`, 0);
  const { numItems } = train;
  const csr = interactionsToCsr(train);
  const users = transpose(csr);
  const degree = (item: number) => users.rowPtr[item + 1] - users.rowPtr[item];
  const weights = new Float32Array(numItems * numItems);
  const common = new Int32Array(numItems);
  for (let item = 0; item < numItems; item++) {
    common.fill(0);
    for (const user of users.colIdx.subarray(users.rowPtr[item], users.rowPtr[item + 1])) {
      for (const other of csr.colIdx.subarray(csr.rowPtr[user], csr.rowPtr[user + 1])) common[other]++;
    }
    common[item] = 0;
    const row = weights.subarray(item * numItems, (item + 1) * numItems);
    for (let other = 0; other < numItems; other++) {
      if (common[other] > 0) row[other] = common[other] / (Math.sqrt(degree(item) * degree(other)) + shrink);
    }
    keepLargest(row, neighbours);
  }
  return historyScorer('item-knn', train, weights);
}

/** Zeros all but the `count` largest values; of equal ones the first stay. */
function keepLargest(row: Float32Array, count: number): void {
  const positive = Array.from(row.keys()).filter((at) => row[at] > 0);
  if (positive.length <= count) return;
  positive.sort((a, b) => row[b] - row[a] || a - b);
  for (const at of positive.slice(count)) row[at] = 0;
}

function refuse(problem: string, example: number): never {
  throw new OptionError('itemKnn', `expected ${problem}`, `Pass e.g. ${example}`);
}
