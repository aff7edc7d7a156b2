import { DataError, OptionError, shown } from '../errors.ts';
import { RECORD } from '../options/arguments.ts';
import type { Catalogue } from './catalogue.ts';
import { type AttributeValue, typeOf } from './where/expression.ts';

/** @throws {OptionError} for what is no text, or a text beside a vector */
export function checkText(id: string, text: unknown, vector: unknown): void {
  if (text === undefined) return;
  const received = vector !== undefined ? 'both' : typeof text === 'string' ? null : shown(text);
  if (received === null) return;
  const problem = `expected a text or a vector for ${shown(id)}, received ${received}`;
  throw new OptionError('addItems', problem, 'Pass one of them', 'text');
}

/** Numbers of items. @throws {DataError} for an id that no item has @throws {OptionError} for what is no list */
export function knownItems(catalogue: Catalogue, ids: readonly string[], where: string): number[] {
  checkList(ids, where);
  return ids.map((id) => {
    const item = typeof id === 'string' ? catalogue.ids.find(id) : -1;
    if (item >= 0) return item;
    throw new DataError(
      where,
      `expected items of the model, received ${shown(id)}`,
      'Add the item first, or leave it out',
    );
  });
}

function checkList(list: unknown, where: string): void {
  if (Array.isArray(list)) return;
  throw new OptionError(where, `expected a list, received ${shown(list)}`, 'Pass e.g. [{ … }]');
}

/** @throws {OptionError} for an id or a title that is no text */
export function checkId(id: unknown, title: unknown, where: string): void {
  if (typeof id !== 'string' || id === '' || /\p{Surrogate}/u.test(id))
    throw new OptionError(
      where,
      `expected an id, a text that is not empty, received ${shown(id)}`,
      'Name it',
    );
  if (title !== undefined && typeof title !== 'string')
    throw new OptionError(
      where,
      `expected a title of ${id} to be a text, received ${shown(title)}`,
      'Mend the title',
    );
}

/** @throws {OptionError} for columns that the model does not keep, or values of another type */
export function checkAttributes(catalogue: Catalogue, values: unknown, where: string): void {
  if (values === undefined) return;
  if (Object.prototype.toString.call(values) !== '[object Object]')
    throw new OptionError(
      where,
      `expected attributes by column, received ${shown(values)}`,
      'Pass an object',
    );
  for (const [name, value] of Object.entries(values as Readonly<Record<string, AttributeValue>>)) {
    typeOf(name, catalogue.types);
    catalogue.columns()[name].check(value, name);
  }
}

/**
 * @param known the fields that its records have
 * @param remedy for a record with another field, such as a rating beside `liked`
 * @throws {OptionError} for what is no list of objects with these fields
 */
export function checkRecords(
  list: unknown,
  known: readonly string[],
  where: string,
  remedy = 'Leave it out',
): void {
  checkList(list, where);
  for (const record of list as readonly unknown[]) {
    if (!RECORD.is(record)) {
      const problem = `expected objects in the list, received ${shown(record)}`;
      throw new OptionError(where, problem, 'Pass e.g. [{ … }]');
    }
    const unknown = Object.keys(record).find((key) => !known.includes(key));
    if (unknown === undefined) continue;
    const problem = `expected the fields ${known.join(', ')}, received ${shown(unknown)}`;
    throw new OptionError(where, problem, remedy, unknown);
  }
}

/** @throws {OptionError} for what is neither true nor false */
export function checkBoolean(value: unknown, name: string, where: string): void {
  if (typeof value === 'boolean') return;
  throw new OptionError(
    where,
    `expected ${name} to be true or false, received ${shown(value)}`,
    'Mend it',
    name,
  );
}
