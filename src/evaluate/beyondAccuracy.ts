import { type Csr, interactionsToCsr, transpose } from '../data/csr.ts';
import type { Interactions } from '../data/interactions.ts';
import { log2 } from '../runtime/log2.ts';

/**
 * What is measured of recommendations beside how many are right.
 *
 * @example
 * BEYOND_METRICS; // → ['coverage', 'novelty', 'diversity']
 */
export const BEYOND_METRICS = ['coverage', 'novelty', 'diversity'] as const;

/**
 * One of `BEYOND_METRICS` at a cut-off, e.g. `coverage@10`.
 *
 * @example
 * const name: BeyondMetricName = 'coverage@10';
 * const { beyond } = await evaluate(factors, split, { ks: [10], beyond: true, runtime });
 * beyond![name] > 0; // → true
 */
export type BeyondMetricName = `${(typeof BEYOND_METRICS)[number]}@${number}`;

/**
 * Gathers lists of recommendations and says how they are as lists:
 *
 * - coverage: the share of all items that stand among anybody's first k
 * - novelty: −log₂ of the share of users who have an item in training, the mean over the first k items and over users
 *   (self-information; Vargas & Castells, RecSys 2011). An item that nobody has counts as one that one user has.
 * - diversity: 1 − cosine of two items by the users who have them in training, the mean over pairs of the first k
 *   items and over users (intra-list diversity; Ziegler et al., WWW 2005). Users with one item are left out.
 */
export class BeyondAccuracy {
  readonly #ks: readonly number[];
  readonly #numItems: number;
  /** the users of each item in training, ascending */
  readonly #usersOf: Csr;
  readonly #information: Float64Array;
  readonly #covered: Uint8Array[];
  /** by user and cut-off; NaN for users that were not added */
  readonly #novelty: Float64Array;
  readonly #diversity: Float64Array;

  /** @param ks cut-offs, ascending */
  constructor(train: Interactions, ks: readonly number[]) {
    const { numUsers, numItems } = train;
    this.#ks = ks;
    this.#numItems = numItems;
    this.#usersOf = transpose(interactionsToCsr(train));
    const { rowPtr } = this.#usersOf;
    this.#information = Float64Array.from({ length: numItems }, (_, item) =>
      log2(numUsers / Math.max(1, rowPtr[item + 1] - rowPtr[item])),
    );
    this.#covered = ks.map(() => new Uint8Array(numItems));
    this.#novelty = new Float64Array(numUsers * ks.length).fill(Number.NaN);
    this.#diversity = new Float64Array(numUsers * ks.length).fill(Number.NaN);
  }

  /** @param items best first; −1 marks an unused place */
  add(user: number, items: Int32Array): void {
    let information = 0;
    let distance = 0;
    let place = 0;
    for (const [c, k] of this.#ks.entries()) {
      for (; place < Math.min(k, items.length) && items[place] >= 0; place++) {
        information += this.#information[items[place]];
        for (let before = 0; before < place; before++)
          distance += 1 - this.#cosine(items[before], items[place]);
      }
      for (let n = 0; n < place; n++) this.#covered[c][items[n]] = 1;
      const at = user * this.#ks.length + c;
      if (place > 0) this.#novelty[at] = information / place;
      if (place > 1) this.#diversity[at] = distance / ((place * (place - 1)) / 2);
    }
  }

  /** The values by name, means summed in user order. */
  result(): Record<BeyondMetricName, number> {
    const values: [BeyondMetricName, number][] = [];
    for (const [c, k] of this.#ks.entries()) {
      const covered = this.#covered[c].reduce((sum, isCovered) => sum + isCovered, 0);
      values.push([`coverage@${k}`, covered / this.#numItems]);
      values.push([`novelty@${k}`, this.#mean(this.#novelty, c)]);
      values.push([`diversity@${k}`, this.#mean(this.#diversity, c)]);
    }
    return Object.fromEntries(values) as Record<BeyondMetricName, number>;
  }

  #mean(values: Float64Array, c: number): number {
    let sum = 0;
    let count = 0;
    for (let at = c; at < values.length; at += this.#ks.length) {
      if (Number.isNaN(values[at])) continue;
      sum += values[at];
      count++;
    }
    return count === 0 ? 0 : sum / count;
  }

  #cosine(a: number, b: number): number {
    const { rowPtr, colIdx } = this.#usersOf;
    let n = rowPtr[a];
    let m = rowPtr[b];
    let both = 0;
    while (n < rowPtr[a + 1] && m < rowPtr[b + 1]) {
      if (colIdx[n] === colIdx[m]) {
        both++;
        n++;
        m++;
      } else if (colIdx[n] < colIdx[m]) n++;
      else m++;
    }
    const size = (rowPtr[a + 1] - rowPtr[a]) * (rowPtr[b + 1] - rowPtr[b]);
    return size === 0 ? 0 : both / Math.sqrt(size);
  }
}
