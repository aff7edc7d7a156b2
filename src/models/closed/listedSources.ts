import type { Csr } from '../../data/csr.ts';
import type { ItemSources } from '../../kernels/itemSystems.ts';
import type { NeighbourLists } from './textNeighbours.ts';
import type { TextPrior } from './textPrior.ts';

/** Sources of a block of targets, [targets × most], with both parts of their weights: G_ij and C_ij. */
export interface ListedSources {
  readonly sources: Int32Array;
  readonly counts: Int32Array;
  readonly gram: Float32Array;
  readonly text: Float32Array;
}

/** Puts the sources that share users with each target and those that resemble it by text together. */
export class SourceLists {
  readonly #byItem: Csr;
  readonly #prior: TextPrior;
  readonly #neighbours: NeighbourLists;
  readonly #taken: Int32Array;
  /** Value of the target's interaction with each of its users, 0 for others. */
  readonly #values: Float32Array;

  constructor(byItem: Csr, prior: TextPrior, neighbours: NeighbourLists) {
    this.#byItem = byItem;
    this.#prior = prior;
    this.#neighbours = neighbours;
    this.#taken = new Int32Array(byItem.rows).fill(-1);
    this.#values = new Float32Array(byItem.cols);
  }

  /** @param clicked at most half of `most` sources of targets first … first + count − 1, with weights G_ij */
  of(first: number, count: number, most: number, clicked: ItemSources): ListedSources {
    const out: ListedSources = {
      sources: new Int32Array(count * most),
      counts: new Int32Array(count),
      gram: new Float32Array(count * most),
      text: new Float32Array(count * most),
    };
    const [sources, weights, counts] = [clicked.sources.view, clicked.weights.view, clicked.counts.view];
    for (let t = 0; t < count; t++) {
      const target = first + t;
      let n = t * most;
      for (let k = t * clicked.most; k < t * clicked.most + counts[t]; k++) {
        this.#taken[sources[k]] = target;
        out.sources[n] = sources[k];
        out.gram[n++] = weights[k];
      }
      n = this.#addNeighbours(target, n, (t + 1) * most, out);
      out.counts[t] = n - t * most;
    }
    this.#fillText(first, count, most, out);
    return out;
  }

  #addNeighbours(target: number, from: number, end: number, out: ListedSources): number {
    const { count, items } = this.#neighbours;
    this.#mark(target, true);
    let n = from;
    for (let k = target * count; k < (target + 1) * count && items[k] >= 0 && n < end; k++) {
      const item = items[k];
      if (this.#taken[item] === target) continue;
      out.sources[n] = item;
      out.gram[n++] = this.#common(item);
    }
    this.#mark(target, false);
    return n;
  }

  #mark(target: number, on: boolean): void {
    const { rowPtr, colIdx, values } = this.#byItem;
    for (let n = rowPtr[target]; n < rowPtr[target + 1]; n++)
      this.#values[colIdx[n]] = on ? (values ? values[n] : 1) : 0;
  }

  /** G of an item and the marked target. */
  #common(item: number): number {
    const { rowPtr, colIdx, values } = this.#byItem;
    let sum = 0;
    for (let n = rowPtr[item]; n < rowPtr[item + 1]; n++)
      sum += this.#values[colIdx[n]] * (values ? values[n] : 1);
    return sum;
  }

  #fillText(first: number, count: number, most: number, { sources, counts, text }: ListedSources): void {
    const { mapped, targets } = this.#prior;
    const [a, f, stride] = [mapped.view, targets.view, targets.stride];
    for (let t = 0; t < count; t++) {
      const own = (first + t) * stride;
      for (let n = t * most; n < t * most + counts[t]; n++) {
        const other = sources[n] * stride;
        let sum = 0;
        for (let k = 0; k < stride; k++) sum += f[own + k] * a[other + k];
        text[n] = sum;
      }
    }
  }
}
