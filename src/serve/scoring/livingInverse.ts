import type { RankOneTerm } from '../../linalg/updateInverse.ts';
import { inverseFactors, inverseRow, type RowEntries } from '../../rank/inverseRows.ts';
import { eachLargest, rowBudgets } from '../../rank/largestEntries.ts';
import type { InverseSettings } from '../modelFile/data.ts';
import type { InversePart } from '../modelFile/parts.ts';
import type { ModelMemory } from '../modelMemory.ts';
import { InverseTriangle } from './inverseTriangle.ts';
import { type LearnedRow, LearnedRows } from './learnedRows.ts';

/** What somebody likes from now on, and does not like any more. */
export interface LearnedChange {
  readonly user: number;
  readonly liked: readonly number[];
  readonly disliked: readonly number[];
}

/** What rows are made from until the next change. */
interface Derived {
  readonly factors: Float64Array;
  readonly budgets: Float64Array;
  readonly scratch: RowEntries;
  readonly rows: Map<number, RowEntries>;
}

/**
 * The inverse behind the rows of a closed form, which takes changes in by rank-one updates: a person's clicks change XᵀX by two,
 * in numItems² operations each. Its rows are then those that a training on the new interactions gives, within 1e-5;
 * each is made when it is first asked for. A copy, of 2 numItems² bytes, is made at the first change.
 */
export class LivingInverse {
  readonly #memory: ModelMemory;
  readonly #part: InversePart;
  readonly #learned: LearnedRows;
  readonly #isPresent: (item: number) => boolean;
  readonly #numItems: number;
  #own: InverseTriangle | null = null;
  #derived: Derived | null = null;

  /** @param isPresent whether the model still has an item */
  constructor(
    memory: ModelMemory,
    part: InversePart,
    numItems: number,
    isPresent: (item: number) => boolean,
  ) {
    this.#memory = memory;
    this.#part = part;
    this.#numItems = numItems;
    this.#isPresent = isPresent;
    this.#learned = new LearnedRows(part, isPresent);
  }

  get settings(): InverseSettings {
    return this.#part.settings;
  }

  /** Whether each interaction counts for one. */
  get isUnweighted(): boolean {
    return this.#part.entries === null;
  }

  /** Whether rows may be others than those of the file. */
  get isChanged(): boolean {
    return this.#own !== null;
  }

  /** What was learned from a person. */
  learnedOf(user: number): LearnedRow {
    return this.#learned.of(user);
  }

  /** The lower triangle of P for some of the items, ascending. */
  triangle(items: readonly number[]): Float32Array {
    return this.#own ? this.#own.triangle(items) : this.#part.values.data.slice();
  }

  /** Makes the copy, with room for so many more items. @throws {BudgetError} where it does not fit the memory */
  reserve(items: number): void {
    this.#changed().reserve(items);
  }

  /** Takes a new item in, which nobody has; after `reserve`. */
  addItem(): void {
    this.#changed().addItem();
  }

  /** Forgets an item, as if nobody had it; after `reserve`. */
  removeItem(item: number): void {
    this.#changed().removeItem(item);
  }

  /**
   * Takes in what people like and do not like any more; on an error nothing has changed.
   * @throws {DataError} where f32 loses the inverse
   * @throws {BudgetError} where the table does not fit the memory
   */
  learn(changes: readonly LearnedChange[]): void {
    const rows = changes.map(({ user, liked, disliked }) => ({
      user,
      before: this.#learned.of(user),
      after: this.#learned.with(user, liked, disliked),
    }));
    const changed = rows.filter(({ before, after }) => before.items.join() !== after.items.join());
    if (changed.length === 0) return;
    const terms = changed.flatMap(termsOf);
    this.#changed().update([...terms, ...penaltyTerms(terms, this.settings.popularityPenalty)]);
    for (const { user, after } of changed) this.#learned.set(user, after);
  }

  /** Overwrites what it holds of a person whom it has unlearned. */
  erase(user: number): void {
    this.#learned.erase(user);
  }

  /** The entries of a row, once it has changed. */
  row(item: number): RowEntries {
    this.#derived ??= this.#derive(this.#own!);
    const { factors, budgets, scratch, rows } = this.#derived;
    const known = rows.get(item);
    if (known) return known;
    const whole = inverseRow(this.#own!.row(item), item, factors, null, this.settings.negative, scratch);
    const kept: number[] = [];
    eachLargest(whole.weights, budgets[item], (n) => kept.push(n));
    const row = {
      indices: Int32Array.from(kept, (n) => whole.indices[n]),
      weights: Float32Array.from(kept, (n) => whole.weights[n]),
    };
    rows.set(item, row);
    return row;
  }

  /** The copy, of which everything that follows from it is made anew. */
  #changed(): InverseTriangle {
    this.#own ??= new InverseTriangle(this.#memory, this.#part, this.#numItems);
    this.#derived = null;
    return this.#own;
  }

  #derive(table: InverseTriangle): Derived {
    const { numItems } = table;
    const squares = this.#learned.squares(numItems);
    const present = Array.from({ length: numItems }, (_, item) => item).filter(this.#isPresent);
    const degrees = present.map((item) => squares[item]);
    const budgets = new Float64Array(numItems);
    for (const [n, budget] of rowBudgets(degrees, this.settings.entries ?? Infinity).entries())
      budgets[present[n]] = budget;
    return {
      factors: inverseFactors(table.diagonal()),
      budgets,
      scratch: { indices: new Int32Array(numItems), weights: new Float32Array(numItems) },
      rows: new Map(),
    };
  }
}

/** What a person's change adds to XᵀX and takes away. */
function termsOf({ before, after }: { before: LearnedRow; after: LearnedRow }): RankOneTerm[] {
  return [
    { weight: 1, indices: after.items, values: after.values },
    { weight: -1, indices: before.items, values: before.values },
  ].filter(({ indices }) => indices.length > 0);
}

/** What the penalty on popularity adds for items that have more or less interactions. */
function penaltyTerms(terms: readonly RankOneTerm[], penalty: number): RankOneTerm[] {
  if (penalty === 0) return [];
  const change = new Map<number, number>();
  for (const { weight, indices, values } of terms) {
    for (let n = 0; n < indices.length; n++) {
      const value = values ? values[n] : 1;
      change.set(indices[n], (change.get(indices[n]) ?? 0) + weight * value * value);
    }
  }
  return [...change]
    .filter(([, value]) => value !== 0)
    .sort(([a], [b]) => a - b)
    .map(([item, value]) => ({ weight: penalty * value, indices: [item] }));
}
