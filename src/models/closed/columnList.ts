import type { ItemSources } from '../../kernels/itemSystems.ts';
import type { ItemColumns } from './cutRows.ts';

/** Weights of one model while they are gathered, by target. */
export class ColumnList {
  readonly #colPtr: Int32Array;
  readonly #sources: Int32Array;
  readonly #weights: Float32Array;
  #length = 0;

  /** @param most weights of all wanted targets, at most */
  constructor(numItems: number, most: number) {
    this.#colPtr = new Int32Array(numItems + 1);
    this.#sources = new Int32Array(most);
    this.#weights = new Float32Array(most);
  }

  /** Takes the weights of targets first … first + count − 1 over. */
  add(first: number, count: number, block: ItemSources, negative: boolean): void {
    const [sources, weights, counts] = [block.sources.view, block.weights.view, block.counts.view];
    for (let t = 0; t < count; t++) {
      for (let n = t * block.most; n < t * block.most + counts[t]; n++) {
        if (!(weights[n] > 0 || (negative && weights[n] < 0))) continue;
        this.#sources[this.#length] = sources[n];
        this.#weights[this.#length++] = weights[n];
      }
      this.#colPtr[first + t + 1] = this.#length;
    }
  }

  columns(): ItemColumns {
    // Targets without weights of their own begin where the one before them ends.
    for (let j = 1; j < this.#colPtr.length; j++)
      this.#colPtr[j] = Math.max(this.#colPtr[j], this.#colPtr[j - 1]);
    return {
      numItems: this.#colPtr.length - 1,
      colPtr: this.#colPtr,
      sources: this.#sources.subarray(0, this.#length),
      weights: this.#weights.subarray(0, this.#length),
    };
  }
}
