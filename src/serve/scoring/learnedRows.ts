import type { InversePart } from '../modelFile/parts.ts';

/** What was learned from somebody: items, ascending, and the root of each one's weight. */
export interface LearnedRow {
  readonly items: readonly number[];
  readonly values: readonly number[];
}

const NOTHING: LearnedRow = { items: [], values: [] };

/** X behind an inverse by person: the rows of the file, and those that have changed since. */
export class LearnedRows {
  readonly #part: InversePart;
  readonly #isPresent: (item: number) => boolean;
  readonly #changed = new Map<number, LearnedRow>();

  /** @param isPresent whether the model still has an item */
  constructor(part: InversePart, isPresent: (item: number) => boolean) {
    this.#part = part;
    this.#isPresent = isPresent;
  }

  /** What was learned from a person, of items that are still there. */
  of(user: number): LearnedRow {
    const { items, values } = this.#changed.get(user) ?? this.#ofFile(user);
    if (items.every(this.#isPresent)) return { items, values };
    const kept = [...items.keys()].filter((n) => this.#isPresent(items[n]));
    return { items: kept.map((n) => items[n]), values: kept.map((n) => values[n]) };
  }

  /** The row of a person with other items; what it has already keeps its weight. */
  with(user: number, liked: readonly number[], disliked: readonly number[]): LearnedRow {
    const before = this.of(user);
    const all = new Map(before.items.map((item, n) => [item, before.values[n]]));
    for (const item of liked) if (!all.has(item)) all.set(item, 1);
    for (const item of disliked) all.delete(item);
    const sorted = [...all].sort(([a], [b]) => a - b);
    return { items: sorted.map(([item]) => item), values: sorted.map(([, value]) => value) };
  }

  set(user: number, row: LearnedRow): void {
    this.#changed.set(user, row);
  }

  /** Overwrites what the memory of the file holds of a person. */
  erase(user: number): void {
    this.#changed.set(user, NOTHING);
    const starts = this.#part.rowPtr.data;
    if (user + 1 >= starts.length) return;
    const [begin, end] = [starts[user], starts[user + 1]];
    this.#part.colIdx.data.fill(0, begin, end);
    this.#part.entries?.data.fill(0, begin, end);
  }

  /** G_ii of G = XᵀX: sums go by person, ascending. */
  squares(numItems: number): Float64Array {
    const squares = new Float64Array(numItems);
    const people = [...this.#changed.keys()].reduce(
      (most, user) => Math.max(most, user + 1),
      this.#part.rowPtr.data.length - 1,
    );
    for (let user = 0; user < people; user++) {
      const { items, values } = this.of(user);
      for (const [n, item] of items.entries()) squares[item] += values[n] * values[n];
    }
    return squares;
  }

  #ofFile(user: number): LearnedRow {
    const starts = this.#part.rowPtr.data;
    if (user + 1 >= starts.length) return NOTHING;
    const [begin, end] = [starts[user], starts[user + 1]];
    const { entries } = this.#part;
    const items = Array.from(this.#part.colIdx.data.subarray(begin, end));
    const values = entries ? Array.from(entries.data.subarray(begin, end)) : items.map(() => 1);
    return { items, values };
  }
}
