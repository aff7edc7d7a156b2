import { DataError, ShapeError, shown } from '../errors.ts';
import type { IdTable } from './idTable.ts';
import { type InteractionFields, InteractionsBuilder } from './interactionsBuilder.ts';
import { picked } from './positions.ts';

/** One interaction as an application holds it. */
export interface InteractionRow {
  user: string;
  item: string;
  rating?: number;
  timestamp?: number;
}

/** An immutable set of user–item interactions in file order, each pair at most once. */
export class Interactions {
  /** index → user id, in order of first appearance */
  readonly userIds: readonly string[];
  /** index → item id, in order of first appearance */
  readonly itemIds: readonly string[];
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** null unless every row has a rating */
  readonly ratings: Float32Array | null;
  /** null unless every row has a timestamp */
  readonly timestamps: Float64Array | null;
  /** rows left out because their pair stood earlier (RecBole's `rm_dup_inter: first`); 0 for derived sets */
  readonly duplicates: number;
  /** rows left out because of `minRating`; 0 for derived sets */
  readonly belowRating: number;
  readonly #userTable: IdTable;
  readonly #itemTable: IdTable;

  /**
   * Wraps columns that are already indexed; `Interactions.from` is for rows.
   *
   * @throws {ShapeError} if the columns differ in length
   * @throws {DataError} if an index is not in its id table
   */
  constructor(fields: InteractionFields) {
    const { users, items, ratings = null, timestamps = null } = fields;
    for (const [name, column] of Object.entries({ items, ratings, timestamps })) {
      if (column !== null && column.length !== users.length) {
        const problem = `users has ${users.length} entries, ${name} has ${column.length}`;
        throw new ShapeError('Interactions', problem, 'Pass columns of one length');
      }
    }
    assertIndices('users', users, fields.userTable.size);
    assertIndices('items', items, fields.itemTable.size);
    this.#userTable = fields.userTable;
    this.#itemTable = fields.itemTable;
    this.userIds = fields.userTable.ids;
    this.itemIds = fields.itemTable.ids;
    this.users = users;
    this.items = items;
    this.ratings = ratings;
    this.timestamps = timestamps;
    this.duplicates = fields.duplicates ?? 0;
    this.belowRating = fields.belowRating ?? 0;
  }

  /**
   * Interactions from rows. Rows below `minRating` are counted in `belowRating` and leave no id behind; then
   * repeated pairs are collapsed onto their first row and counted in `duplicates`.
   *
   * @throws {DataError} for a blank id, a rating or timestamp that is not finite, or, under `minRating`, a
   *   row without a rating
   * @throws {OptionError} if `minRating` is not finite
   */
  static from(rows: Iterable<InteractionRow>, options: { minRating?: number } = {}): Interactions {
    const builder = new InteractionsBuilder(options.minRating);
    let index = 0;
    for (const row of rows) {
      const problem = builder.add(row.user, row.item, row.rating, row.timestamp);
      if (problem)
        throw new DataError(`Interactions.from, row ${index}`, problem, 'Correct or remove the row');
      index++;
    }
    return new Interactions(builder.finish());
  }

  get length(): number {
    return this.users.length;
  }

  get numUsers(): number {
    return this.userIds.length;
  }

  get numItems(): number {
    return this.itemIds.length;
  }

  userIndex(id: string): number | undefined {
    return this.#userTable.index(id);
  }

  itemIndex(id: string): number | undefined {
    return this.#itemTable.index(id);
  }

  /**
   * The interactions at the given positions, in the given order, over the same id tables.
   *
   * @throws {DataError} if a position is not one of 0 … length−1 or stands twice
   */
  subset(keep: ArrayLike<number>): Interactions {
    const taken = new Uint8Array(this.length);
    const positions = new Int32Array(keep.length);
    for (let n = 0; n < keep.length; n++) {
      const position = keep[n];
      if (taken[position] !== 0) {
        const problem = `position ${shown(position)} at ${n} is repeated or not in 0 … ${this.length - 1}`;
        throw new DataError('Interactions.subset', problem, 'Pass each position at most once');
      }
      taken[position] = 1;
      positions[n] = position;
    }
    return new Interactions({
      userTable: this.#userTable,
      itemTable: this.#itemTable,
      users: positions.map((p) => this.users[p]),
      items: positions.map((p) => this.items[p]),
      ratings: picked(this.ratings, positions),
      timestamps: picked(this.timestamps, positions),
    });
  }
}

function assertIndices(name: string, indices: Int32Array, count: number): void {
  for (let n = 0; n < indices.length; n++) {
    if (indices[n] < 0 || indices[n] >= count) {
      const problem = `${name}[${n}] is ${indices[n]}, expected an index below ${count}`;
      throw new DataError('Interactions', problem, 'Pass indices of the id table given with them');
    }
  }
}
