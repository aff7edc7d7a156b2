import { OptionError, shown } from '../errors.ts';
import { IdTable, isBlankId } from './idTable.ts';
import { bucketPositions, picked } from './positions.ts';

/** The columns an `Interactions` is made of; they are kept, not copied. */
export interface InteractionFields {
  userTable: IdTable;
  itemTable: IdTable;
  /** user index of each interaction */
  users: Int32Array;
  /** item index of each interaction; no user–item pair may stand twice */
  items: Int32Array;
  ratings?: Float32Array | null;
  timestamps?: Float64Array | null;
  duplicates?: number;
  belowRating?: number;
}

/** Collects interactions one at a time into growing columns, so that no row object outlives its call. */
export class InteractionsBuilder {
  readonly #minRating: number;
  readonly #users = new IdTable();
  readonly #items = new IdTable();
  #length = 0;
  #belowRating = 0;
  #allRated = true;
  #allTimed = true;
  #userColumn = new Int32Array(1024);
  #itemColumn = new Int32Array(1024);
  #ratingColumn = new Float32Array(1024);
  #timeColumn = new Float64Array(1024);

  /**
   * @param minRating rows with a lower rating are counted and left out, and their ids are not registered
   * @throws {OptionError} if `minRating` is given and is not finite
   */
  constructor(minRating?: number) {
    if (minRating !== undefined && !Number.isFinite(minRating)) {
      throw new OptionError('minRating', `expected a number, received ${shown(minRating)}`, 'Pass e.g. 4');
    }
    this.#minRating = minRating ?? Number.NEGATIVE_INFINITY;
  }

  /** Interactions taken so far, duplicates included. */
  get length(): number {
    return this.#length;
  }

  /** Registers a user who may turn out to have no interaction. */
  addUser(id: string): void {
    this.#users.add(id);
  }

  /** Takes one row, or says what is wrong with it and takes nothing. */
  add(user: string, item: string, rating?: number, timestamp?: number): string | null {
    const problem = this.#problem(user, item, rating, timestamp);
    if (problem) return problem;
    if (rating !== undefined && rating < this.#minRating) {
      this.#belowRating++;
      return null;
    }
    if (rating === undefined) this.#allRated = false;
    if (timestamp === undefined) this.#allTimed = false;
    const at = this.#length++;
    if (at === this.#userColumn.length) this.#grow(2 * at);
    this.#userColumn[at] = this.#users.add(user);
    this.#itemColumn[at] = this.#items.add(item);
    if (this.#allRated) this.#ratingColumn[at] = rating!;
    if (this.#allTimed) this.#timeColumn[at] = timestamp!;
    return null;
  }

  /** The columns with repeated user–item pairs collapsed onto their first row. */
  finish(): InteractionFields {
    const rows = this.#length;
    const users = this.#userColumn;
    const items = this.#itemColumn;
    const keep = firstOfEachPair(
      users.subarray(0, rows),
      items.subarray(0, rows),
      this.#users.size,
      this.#items.size,
    );
    return {
      userTable: this.#users,
      itemTable: this.#items,
      users: keep.map((p) => users[p]),
      items: keep.map((p) => items[p]),
      ratings: this.#allRated ? picked(this.#ratingColumn, keep) : null,
      timestamps: this.#allTimed ? picked(this.#timeColumn, keep) : null,
      duplicates: rows - keep.length,
      belowRating: this.#belowRating,
    };
  }

  #problem(user: string, item: string, rating?: number, timestamp?: number): string | null {
    if (isBlankId(user)) return `the user id is ${shown(user)}, expected a non-blank string`;
    if (isBlankId(item)) return `the item id is ${shown(item)}, expected a non-blank string`;
    if (rating === undefined && this.#minRating > Number.NEGATIVE_INFINITY) {
      return 'there is no rating to hold against minRating';
    }
    if (rating !== undefined && (typeof rating !== 'number' || !Number.isFinite(Math.fround(rating)))) {
      return `the rating is ${shown(rating)}, expected a finite number`;
    }
    if (timestamp !== undefined && (typeof timestamp !== 'number' || !Number.isFinite(timestamp))) {
      return `the timestamp is ${shown(timestamp)}, expected a finite number`;
    }
    return null;
  }

  #grow(capacity: number): void {
    const users = new Int32Array(capacity);
    users.set(this.#userColumn);
    this.#userColumn = users;
    const items = new Int32Array(capacity);
    items.set(this.#itemColumn);
    this.#itemColumn = items;
    if (this.#allRated) {
      const ratings = new Float32Array(capacity);
      ratings.set(this.#ratingColumn);
      this.#ratingColumn = ratings;
    }
    if (this.#allTimed) {
      const times = new Float64Array(capacity);
      times.set(this.#timeColumn);
      this.#timeColumn = times;
    }
  }
}

/** The positions of the rows whose pair did not stand earlier, ascending. */
function firstOfEachPair(
  users: Int32Array,
  items: Int32Array,
  numUsers: number,
  numItems: number,
): Int32Array {
  const { start, order } = bucketPositions(users, numUsers);
  const lastUser = new Int32Array(numItems).fill(-1);
  const first = new Uint8Array(users.length);
  let count = 0;
  for (let user = 0; user < numUsers; user++) {
    for (let n = start[user]; n < start[user + 1]; n++) {
      const item = items[order[n]];
      if (lastUser[item] === user) continue;
      lastUser[item] = user;
      first[order[n]] = 1;
      count++;
    }
  }
  const positions = new Int32Array(count);
  for (let p = 0, n = 0; p < first.length; p++) if (first[p] === 1) positions[n++] = p;
  return positions;
}
