import { DataError, shown } from '../errors.ts';
import { checkArgument, TEXT } from '../options/arguments.ts';
import { checkIsIterable } from './argumentKinds.ts';
import { TextNumbers } from './textNumbers.ts';

/**
 * Two-way table between string ids and indices 0, 1, 2, … in the order in which ids were added.
 *
 * @example
 * const table = IdTable.of(['a', 'b']);
 * table.index('b'); // → 1
 */
export class IdTable {
  readonly ids: readonly string[];
  readonly #ids: string[] = [];
  readonly #indices = new TextNumbers();

  constructor() {
    this.ids = this.#ids;
  }

  /**
   * A table that gives `ids[n]` the index `n`.
   *
   * @throws {DataError} if an id is blank or stands twice
   */
  static of(ids: Iterable<string>): IdTable {
    checkIsIterable(ids, 'ids', 'IdTable.of');
    const table = new IdTable();
    for (const id of ids) {
      const place = `entry ${table.size}`;
      if (isBlankId(id))
        throw new DataError('IdTable', `${place} is ${shown(id)}`, 'Ids are non-blank strings');
      const known = table.index(id);
      if (known !== undefined) {
        throw new DataError('IdTable', `${place} is ${shown(id)}, as is entry ${known}`, 'Pass each id once');
      }
      table.add(id);
    }
    return table;
  }

  get size(): number {
    return this.#ids.length;
  }

  /** The index of `id`, or `undefined` if it was never added. @throws {OptionError} unless it is a text */
  index(id: string): number | undefined {
    if (typeof id !== 'string') checkArgument(TEXT, id, 'the id', 'IdTable.index');
    return this.#indices.get(id);
  }

  /** The index of `id`, which is added if it is new. @throws {OptionError} unless it is a text */
  add(id: string): number {
    if (typeof id !== 'string') checkArgument(TEXT, id, 'the id', 'IdTable.add');
    const known = this.#indices.get(id);
    if (known !== undefined) return known;
    const index = this.#ids.length;
    const own = ownString(id);
    this.#ids.push(own);
    this.#indices.add(own, index);
    return index;
  }
}

/** Whether `id` cannot be an id: not a string, or nothing but white space. */
export function isBlankId(id: unknown): boolean {
  return typeof id !== 'string' || id.trim() === '';
}

/**
 * The same text in memory of its own. Engines let a slice of 13 characters or more point into the string it
 * was cut from: one new id would keep a whole block of the file alive.
 */
function ownString(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
