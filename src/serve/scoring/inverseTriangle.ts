import { DataError } from '../../errors.ts';
import type { RankOneTerm } from '../../linalg/updateInverse.ts';
import type { Block } from '../../runtime/blocks.ts';
import type { F32Buffer } from '../../runtime/buffers.ts';
import { diagonalLimit } from '../modelFile/inverse.ts';
import type { InversePart } from '../modelFile/parts.ts';
import type { ModelMemory } from '../modelMemory.ts';

/** Items for which there is room when it grows. */
const SPARE_ITEMS = 64;

/** P as its lower triangle, row by row, which takes changes in: sums in float64, values in f32. */
export class InverseTriangle {
  readonly #memory: ModelMemory;
  readonly #part: InversePart;
  #numItems: number;
  #block: Block;
  #values: F32Buffer;

  /** A copy of a part of a file. @throws {BudgetError} where it does not fit the memory */
  constructor(memory: ModelMemory, part: InversePart, numItems: number) {
    this.#memory = memory;
    this.#part = part;
    this.#numItems = numItems;
    [this.#block, this.#values] = this.#allocate(numItems);
    this.#values.view.set(part.values.data);
  }

  get numItems(): number {
    return this.#numItems;
  }

  /** Makes room for so many more items. @throws {BudgetError} where it does not fit the memory */
  reserve(items: number): void {
    const length = startOf(this.#numItems + items);
    if (length <= this.#values.length) return;
    const [freed, old] = [this.#block, this.#values];
    [this.#block, this.#values] = this.#allocate(this.#numItems + items + SPARE_ITEMS);
    this.#values.view.set(old.view);
    this.#memory.free(freed);
  }

  /** A new item, which nobody has; after `reserve`. */
  addItem(): void {
    const start = startOf(this.#numItems);
    const { view } = this.#values;
    view.fill(0, start, start + this.#numItems);
    view[start + this.#numItems] = 1 / this.#part.settings.regularization;
    this.#numItems++;
  }

  /** Forgets an item, as if nobody had it: on the others P is less P_·i P_i· / P_ii. */
  removeItem(item: number): void {
    const row = Float64Array.from(this.row(item));
    subtractOuter(this.#values.view, row, row[item]);
    const { view } = this.#values;
    for (let other = 0; other < row.length; other++) view[placeOf(item, other)] = 0;
    view[placeOf(item, item)] = 1 / this.#part.settings.regularization;
  }

  /**
   * P ← (P⁻¹ + Σ weight · u uᵀ)⁻¹, by the formula of Sherman and Morrison for one term after the other: numItems² operations
   * each. On an error it stays as it was.
   * @throws {DataError} where f32 loses the inverse
   */
  update(terms: readonly RankOneTerm[]): void {
    const before = this.#values.view.slice();
    for (const term of terms) {
      if (this.#take(term)) continue;
      this.#values.view.set(before);
      const problem = 'expected interactions with which the inverse can be kept in f32, received others';
      throw new DataError('addInteractions', problem, 'Train again');
    }
  }

  /** The whole row of an item. */
  row(item: number): Float32Array {
    const { view } = this.#values;
    const row = new Float32Array(this.#numItems);
    row.set(view.subarray(startOf(item), startOf(item) + item + 1));
    for (let other = item + 1, at = placeOf(other, item); other < row.length; at += ++other)
      row[other] = view[at];
    return row;
  }

  /** The diagonal. */
  diagonal(): Float32Array {
    const { view } = this.#values;
    return Float32Array.from({ length: this.#numItems }, (_, item) => view[placeOf(item, item)]);
  }

  /** The lower triangle for some of the items, ascending. */
  triangle(items: readonly number[]): Float32Array {
    const { view } = this.#values;
    const values = new Float32Array(startOf(items.length));
    let at = 0;
    for (const [n, item] of items.entries())
      for (let m = 0; m <= n; m++) values[at++] = view[placeOf(item, items[m])];
    return values;
  }

  /** Whether there is an inverse afterwards: 0 < Pᵢᵢ ≤ 1/λ up to rounding, as for every (G + λI)⁻¹. */
  #take({ weight, indices, values }: RankOneTerm): boolean {
    const product = new Float64Array(this.#numItems);
    const amount = (n: number) => values?.[n] ?? 1;
    for (let n = 0; n < indices.length; n++) {
      const row = this.row(indices[n]);
      const value = amount(n);
      for (let item = 0; item < row.length; item++) product[item] += value * row[item];
    }
    let divisor = 1 / weight;
    for (let n = 0; n < indices.length; n++) divisor += amount(n) * product[indices[n]];
    if (!(divisor * weight > 0)) return false;
    subtractOuter(this.#values.view, product, divisor);
    const most = diagonalLimit(this.#part.settings);
    return this.diagonal().every((value) => value > 0 && value <= most);
  }

  #allocate(items: number): [Block, F32Buffer] {
    const length = startOf(items);
    const block = this.#memory.allocate(length * 4);
    return [block, block.f32(0, length)];
  }
}

/** Where a row begins. */
function startOf(item: number): number {
  return (item * (item + 1)) / 2;
}

function placeOf(a: number, b: number): number {
  return a < b ? startOf(b) + a : startOf(a) + b;
}

/** values ← values − x xᵀ / divisor, as lower triangles. */
function subtractOuter(values: Float32Array, x: Float64Array, divisor: number): void {
  for (let i = 0, at = 0; i < x.length; i++) {
    const factor = x[i] / divisor;
    if (factor === 0) at += i + 1;
    else for (let j = 0; j <= i; j++, at++) values[at] -= factor * x[j];
  }
}
