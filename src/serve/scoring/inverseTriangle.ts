import { DataError } from '../../errors.ts';
import { subtractOuter } from '../../kernels/triangle.ts';
import type { RankOneTerm } from '../../linalg/updateInverse.ts';
import type { Block } from '../../runtime/blocks.ts';
import type { F32Buffer } from '../../runtime/buffers.ts';
import { diagonalLimit } from '../modelFile/inverse.ts';
import type { InversePart } from '../modelFile/parts.ts';
import type { ModelMemory } from '../modelMemory.ts';

/** Items for which there is room when it grows. */
const SPARE_ITEMS = 64;

/** Terms that are taken in at a time. */
const TOGETHER = 64;

/** x xᵀ / divisor. */
interface Step {
  readonly x: Float64Array;
  readonly divisor: number;
}

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
    this.#subtract([{ x: row, divisor: row[item] }]);
    const { view } = this.#values;
    for (let other = 0; other < row.length; other++) view[placeOf(item, other)] = 0;
    view[placeOf(item, item)] = 1 / this.#part.settings.regularization;
  }

  /**
   * P ← (P⁻¹ + Σ weight · u uᵀ)⁻¹, by the formula of Sherman and Morrison for one term after the other, some at a time in one
   * pass: numItems² operations a term. On an error it stays as it was.
   * @throws {DataError} where f32 loses the inverse
   */
  update(terms: readonly RankOneTerm[]): void {
    const before = terms.length > TOGETHER ? this.#values.view.slice() : null;
    for (let first = 0; first < terms.length; first += TOGETHER) {
      const steps = this.#stepsOf(terms.slice(first, first + TOGETHER));
      if (steps) {
        this.#subtract(steps);
        continue;
      }
      if (before) this.#values.view.set(before);
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

  /**
   * What each term takes off, after those before it: x = P u and 1/weight + uᵀx. null unless 0 < Pᵢᵢ ≤ 1/λ afterwards, up to
   * rounding, as for every (G + λI)⁻¹.
   */
  #stepsOf(terms: readonly RankOneTerm[]): Step[] | null {
    const steps: Step[] = [];
    for (const { weight, indices, values } of terms) {
      const amount = (n: number) => values?.[n] ?? 1;
      const x = new Float64Array(this.#numItems);
      for (let n = 0; n < indices.length; n++) addScaled(x, amount(n), this.row(indices[n]));
      for (const step of steps) {
        let shared = 0;
        for (let n = 0; n < indices.length; n++) shared += amount(n) * step.x[indices[n]];
        addScaled(x, -shared / step.divisor, step.x);
      }
      let divisor = 1 / weight;
      for (let n = 0; n < indices.length; n++) divisor += amount(n) * x[indices[n]];
      if (!(divisor * weight > 0)) return null;
      steps.push({ x, divisor });
    }
    const most = diagonalLimit(this.#part.settings);
    const left = Float64Array.from(this.diagonal());
    for (const { x, divisor } of steps)
      for (let item = 0; item < left.length; item++) left[item] -= (x[item] * x[item]) / divisor;
    return left.every((value) => value > 0 && value <= most) ? steps : null;
  }

  /** @throws {BudgetError} where the memory has no room for what is taken off */
  #subtract(steps: readonly Step[]): void {
    const { workspace } = this.#memory;
    const mark = workspace.mark();
    try {
      const x = workspace.matrix(steps.length, this.#numItems);
      const divisors = workspace.f32(steps.length);
      const [rows, values] = [x.view, divisors.view];
      for (const [n, step] of steps.entries()) {
        rows.set(step.x, n * x.stride);
        values[n] = step.divisor;
      }
      subtractOuter(workspace, this.#values, this.#numItems, x, divisors);
    } finally {
      workspace.release(mark);
    }
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

function addScaled(to: Float64Array, factor: number, from: ArrayLike<number>): void {
  for (let n = 0; n < to.length; n++) to[n] += factor * from[n];
}
