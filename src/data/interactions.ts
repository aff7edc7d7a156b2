import { DataError, ShapeError, shown } from '../errors.ts';
import { ARRAY, checkArgument, FLOAT32, having, INT32, maybe, NUMBERS } from '../options/arguments.ts';
import { resolveOptions } from '../options/resolve.ts';
import { checkIsIterable } from './argumentKinds.ts';
import type { FeedbackSummary } from './feedback.ts';
import type { IdTable } from './idTable.ts';
import { InteractionsBuilder } from './interactionsBuilder.ts';
import { picked } from './positions.ts';
import { COLLECT_OPTIONS, type CollectOptions } from './rowCollector.ts';

/**
 * One interaction as an application holds it.
 *
 * @example
 * const rows: InteractionRow[] = [
 *   { user: 'ada', item: 'tea', rating: 5, timestamp: 1_700_000_000 },
 *   { user: 'bob', item: 'tea', rating: 3, timestamp: 1_700_000_060 },
 * ];
 * const interactions = Interactions.from(rows);
 */
export interface InteractionRow {
  user: string;
  item: string;
  rating?: number;
  timestamp?: number;
  /** what the user did, e.g. `view` or `buy`, in the place of a rating; see `EventOptions` */
  event?: string;
}

/**
 * The columns an `Interactions` is made of; they are kept, not copied.
 *
 * @example
 * const fields: InteractionFields = {
 *   userTable: IdTable.of(['ada', 'bob']),
 *   itemTable: IdTable.of(['tea']),
 *   users: Int32Array.of(0, 1),
 *   items: Int32Array.of(0, 0),
 * };
 * new Interactions(fields).length; // → 2
 */
export interface InteractionFields {
  userTable: IdTable;
  itemTable: IdTable;
  /** user index of each interaction */
  users: Int32Array;
  /** item index of each interaction; no user–item pair may stand twice */
  items: Int32Array;
  ratings?: Float32Array | null;
  timestamps?: Float64Array | null;
  weights?: Float32Array | null;
  /** over the same id tables */
  had?: InteractionFields | Interactions | null;
  disliked?: InteractionFields | Interactions | null;
  feedback?: FeedbackSummary | null;
  duplicates?: number;
  belowRating?: number;
}

const TABLE = having<IdTable>('an IdTable', { ids: ARRAY });
const FIELDS = having<InteractionFields>('columns { userTable, itemTable, users, items, … }', {
  ...{ userTable: TABLE, itemTable: TABLE, users: INT32, items: INT32 },
  ...{ ratings: maybe(FLOAT32), weights: maybe(FLOAT32), timestamps: maybe(NUMBERS) },
});

/**
 * An immutable set of user–item interactions in file order, each pair at most once: what users like, which is what
 * training learns from. What they have beyond it, because they met it and did not like it, is in `had`.
 *
 * @example
 * const interactions = Interactions.from([
 *   { user: 'ada', item: 'tea', rating: 5 },
 *   { user: 'ada', item: 'chair', rating: 2 },
 * ], { minRating: 4 });
 * interactions.length; // → 1
 */
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
  /** how much each interaction counts, of mean 1 where the set was read; null: all alike */
  readonly weights: Float32Array | null;
  /**
   * Every pair that was met, whatever its rating, these included, over the same id tables and without ratings and
   * times; null if there are no others. Users and items that nothing liked names are in no table. Parts of a set
   * (`subset`) have none; a `Split` carries that of the whole.
   */
  readonly had: Interactions | null;
  /** The pairs of `had` with an explicit low rating, over the same id tables; null if there are none. */
  readonly disliked: Interactions | null;
  /** what the ratings were taken for; null without ratings and for derived sets */
  readonly feedback: FeedbackSummary | null;
  /** rows left out because another row of their pair stands for it; 0 for derived sets */
  readonly duplicates: number;
  /** pairs that were met and are not liked, by `minRating` or by what their number means; 0 for derived sets */
  readonly belowRating: number;
  /** index ↔ id, for what is derived from this set */
  readonly userTable: IdTable;
  readonly itemTable: IdTable;

  /**
   * Wraps columns that are already indexed; `Interactions.from` is for rows. Keeps the arrays that it is given: do not write to them.
   *
   * @throws {OptionError} for anything but columns, as typed arrays, and id tables
   * @throws {ShapeError} if the columns differ in length
   * @throws {DataError} if an index is not in its id table
   */
  constructor(fields: InteractionFields) {
    checkArgument(FIELDS, fields, 'fields', 'Interactions');
    const { users, items, ratings = null, timestamps = null, weights = null } = fields;
    for (const [name, column] of Object.entries({ items, ratings, timestamps, weights })) {
      if (column !== null && column.length !== users.length) {
        const problem = `users has ${users.length} entries, ${name} has ${column.length}`;
        throw new ShapeError('Interactions', problem, 'Pass columns of one length');
      }
    }
    assertIndices('users', users, fields.userTable.size);
    assertIndices('items', items, fields.itemTable.size);
    this.userTable = fields.userTable;
    this.itemTable = fields.itemTable;
    this.userIds = fields.userTable.ids;
    this.itemIds = fields.itemTable.ids;
    this.users = users;
    this.items = items;
    this.ratings = ratings;
    this.timestamps = timestamps;
    this.weights = weights;
    this.had = this.#beside(fields.had);
    this.disliked = this.#beside(fields.disliked);
    this.feedback = fields.feedback ?? null;
    this.duplicates = fields.duplicates ?? 0;
    this.belowRating = fields.belowRating ?? 0;
  }

  /**
   * Interactions from rows. Repeated pairs are collapsed onto one row (`duplicates`); then the pairs that are not
   * liked are set apart: they are counted in `belowRating` and stand in `had`. An id that no liked pair names is in no
   * table.
   *
   * @throws {DataError} for a blank id, a rating or timestamp that is not finite, or, under `minRating`, a
   *   row without a rating; for a row with an event where others have none, and for one with a rating beside it
   * @throws {OptionError} if `minRating` is not finite, or a name in the options is unknown
   */
  static from(rows: Iterable<InteractionRow>, options: CollectOptions = {}): Interactions {
    resolveOptions(COLLECT_OPTIONS, options, 'Interactions.from');
    checkIsIterable(rows, 'rows of user and item', 'Interactions.from');
    const builder = new InteractionsBuilder(options);
    let index = 0;
    for (const row of rows) {
      const problem = builder.add(row);
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
    return this.userTable.index(id);
  }

  itemIndex(id: string): number | undefined {
    return this.itemTable.index(id);
  }

  /**
   * The interactions at the given positions, in the given order, over the same id tables.
   *
   * @throws {DataError} if a position is not one of 0 … length−1 or stands twice
   */
  subset(keep: ArrayLike<number>): Interactions {
    checkArgument(NUMBERS, keep, 'keep', 'Interactions.subset');
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
      userTable: this.userTable,
      itemTable: this.itemTable,
      users: positions.map((p) => this.users[p]),
      items: positions.map((p) => this.items[p]),
      ratings: picked(this.ratings, positions),
      timestamps: picked(this.timestamps, positions),
      weights: picked(this.weights, positions),
    });
  }

  #beside(fields: InteractionFields | Interactions | null | undefined): Interactions | null {
    if (!fields) return null;
    const set = fields instanceof Interactions ? fields : new Interactions(fields);
    if (set.userIds === this.userIds && set.itemIds === this.itemIds) return set;
    throw new DataError(
      'Interactions',
      'had and disliked have id tables of their own',
      'Pass sets over the same tables',
    );
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
