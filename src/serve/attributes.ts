import { DataError, OptionError, shown } from '../errors.ts';
import { ARRAY, checkArgument, RECORD } from '../options/arguments.ts';
import { instance } from '../options/builders.ts';
import type { Attributes } from './modelFile/data.ts';
import { emptyColumn } from './where/columns.ts';
import { type AttributeType, type AttributeValue, RESERVED } from './where/expression.ts';

/**
 * Columns that a model file keeps, from their values by item: numbers, booleans, texts or lists of texts, null where an item has
 * none. A column's type is that of its values.
 * @throws {DataError} for a column of several types, without any value, or of another length than the first
 * @throws {OptionError} for anything but lists by name, and for the names `and`, `or`, `not`, which expressions have for themselves
 * @example
 * const attributes = attributesOf({ price: [3, 9.5], tags: [['tea', 'new'], []] });
 * attributes.price.type; // → 'number'
 */
export function attributesOf(columns: Readonly<Record<string, readonly AttributeValue[]>>): Attributes {
  checkArgument(RECORD, columns, 'columns', 'attributesOf');
  const [first] = Object.values(columns);
  const entries = Object.entries(columns).map(([name, values]) => {
    if (RESERVED.includes(name))
      throw new OptionError(
        'attributesOf',
        `expected no column called ${name}, received one`,
        'Rename the column',
      );
    checkArgument(ARRAY, values, name, 'attributesOf');
    if (values.length !== first.length) {
      const problem = `expected ${first.length} values of ${name}, received ${values.length}`;
      throw new DataError('attributesOf', problem, 'Pass one for each item');
    }
    const column = emptyColumn(typeOfValues(name, values));
    for (const [item, value] of values.entries()) {
      column.check(value, name);
      column.set(item, value);
    }
    return [name, column.encode([...values.keys()])];
  });
  return Object.fromEntries(entries);
}

/**
 * Values by item id, then by column.
 *
 * @example
 * const attributes: ItemAttributes = new Map([['i1', { price: 9.5, tags: ['new'] }]]);
 * const model = modelFrom(split, factors, { attributes });
 */
export type ItemAttributes = ReadonlyMap<string, Readonly<Record<string, AttributeValue>>>;

/** Attributes as an option. */
export const ITEM_ATTRIBUTES = instance<ItemAttributes>(
  'a map by item id',
  (value) => Object.prototype.toString.call(value) === '[object Map]',
  { about: 'columns that the model keeps, to filter by' },
);

/**
 * As `attributesOf`, from values by item id: null where an item, or its value, is missing.
 * @throws as `attributesOf`
 */
export function itemAttributes(values: ItemAttributes, itemIds: readonly string[]): Attributes {
  const names = new Set(itemIds.flatMap((id) => Object.keys(values.get(id) ?? {})));
  const columns = [...names]
    .sort()
    .map((name) => [name, itemIds.map((id) => ownValue(values.get(id), name))] as const);
  return attributesOf(Object.fromEntries(columns));
}

function ownValue(row: Readonly<Record<string, AttributeValue>> | undefined, name: string): AttributeValue {
  return row && Object.hasOwn(row, name) ? row[name] : null;
}

function typeOfValues(name: string, values: readonly AttributeValue[]): AttributeType {
  const types = new Set(values.filter((value) => value !== null).map(typeOfValue));
  const [type] = types;
  if (types.size === 1 && type !== undefined) return type;
  const received = types.size === 0 ? 'none' : [...types].join(' and ');
  throw new DataError(
    'attributesOf',
    `expected values of one type in ${name}, received ${received}`,
    'Mend the column, or leave it out',
  );
}

function typeOfValue(value: AttributeValue): AttributeType {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'text';
  if (Array.isArray(value)) return 'tags';
  throw new DataError(
    'attributesOf',
    `expected a number, true or false, a text or a list of texts, received ${shown(value)}`,
    'Mend the value',
  );
}
