import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../../src/errors.ts';
import { type Column, columnFrom } from '../../../src/serve/where/columns.ts';
import { itemsWhere } from '../../../src/serve/where/evaluate.ts';
import { type AttributeTypes, checkedWhere, type Where } from '../../../src/serve/where/expression.ts';
import { parseWhere, whereFromQuery } from '../../../src/serve/where/parse.ts';

const NUM_ITEMS = 5;
const columns: Record<string, Column> = {
  category: columnFrom({ type: 'text', dictionary: ['Books', 'Toys'], codes: Int32Array.of(0, 1, 0, -1, 1) }),
  price: columnFrom({ type: 'number', values: Float64Array.of(10, 19.99, 20, Number.NaN, -1) }),
  stock: columnFrom({ type: 'boolean', values: Uint8Array.of(1, 0, 2, 1, 1) }),
  tags: columnFrom({
    type: 'tags',
    dictionary: ['new', 'sale'],
    rowPtr: Int32Array.of(0, 2, 3, 3, 4, 4),
    codes: Int32Array.of(0, 1, 1, 0),
  }),
};
const types = Object.fromEntries(
  Object.entries(columns).map(([name, { type }]) => [name, type]),
) as AttributeTypes;

const listed = (bits: Uint8Array) =>
  Array.from({ length: NUM_ITEMS }, (_, n) => n).filter((n) => (bits[n >> 3] >> (n & 7)) & 1);
const items = (where: Where) => listed(itemsWhere(checkedWhere(where, types), columns, NUM_ITEMS));
const parsed = (text: string) => listed(itemsWhere(parseWhere(text, types), columns, NUM_ITEMS));
const queried = (query: string) =>
  listed(itemsWhere(whereFromQuery(new URLSearchParams(query), types), columns, NUM_ITEMS));

describe('an expression', () => {
  const cases: [where: Where, text: string, expected: number[]][] = [
    [{}, '{}', [0, 1, 2, 3, 4]],
    [{ category: 'Books' }, 'category = Books', [0, 2]],
    [{ category: 'Cars' }, 'category = Cars', []],
    [{ category: ['Books', 'Cars'] }, 'category in (Books, "Cars")', [0, 2]],
    [{ category: { ne: 'Books' } }, 'category != Books', [1, 3, 4]],
    [{ category: { nin: ['Books', 'Toys'] } }, 'category not in (Books, Toys)', [3]],
    [{ category: null }, 'category missing', [3]],
    [{ category: { exists: true } }, 'category exists', [0, 1, 2, 4]],
    [{ price: 20 }, 'price == 20', [2]],
    [{ price: { lt: 20 } }, 'price < 20', [0, 1, 4]],
    [{ price: { lte: 20, gt: 10 } }, 'price <= 20 and price > 10', [1, 2]],
    [{ price: { gte: 19.99 } }, 'price >= 19.99', [1, 2]],
    [{ price: { ne: 20 } }, 'price <> 20', [0, 1, 3, 4]],
    [{ price: { in: [10, -1] } }, 'price in (10, -1)', [0, 4]],
    [{ price: null }, 'price missing', [3]],
    [{ stock: true }, 'stock = true', [0, 3, 4]],
    [{ stock: { ne: true } }, 'stock != true', [1, 2]],
    [{ stock: { exists: false } }, 'stock missing', [2]],
    [{ tags: { has: 'new' } }, 'tags has new', [0, 3]],
    [{ tags: 'sale' }, "tags = 'sale'", [0, 1]],
    [{ tags: ['new', 'sale'] }, 'tags in (new, sale)', [0, 1, 3]],
    [{ tags: { hasAll: ['new', 'sale'] } }, 'tags has new and tags has sale', [0]],
    [{ tags: { hasAll: ['new', 'old'] } }, 'tags has new and tags has old', []],
    [{ tags: null }, 'tags missing', [2, 4]],
    [{ not: { category: 'Books' }, stock: true }, 'not category = Books, stock = true', [3, 4]],
    [{ or: [{ price: { gt: 15 } }, { tags: 'new' }] }, 'price > 15 or tags has new', [0, 1, 2, 3]],
    [
      { and: [{ or: [{ stock: true }, { price: 20 }] }, { category: 'Books' }] },
      '(stock = true or price = 20) and category = Books',
      [0, 2],
    ],
  ];
  it.each(cases)(
    '%j selects the items of the table by hand, and so does the text %s',
    (where, text, expected) => {
      expect(items(where)).toEqual(expected);
      expect(parsed(text)).toEqual(expected);
      expect(parsed(JSON.stringify(where))).toEqual(expected);
    },
  );

  it('is what parameters of a query say, too', () => {
    expect(queried('category=Books&price.lt=20')).toEqual([0]);
    expect(queried('category=Books&category=Toys')).toEqual([0, 1, 2, 4]);
    expect(queried('price.in=10,20')).toEqual([0, 2]);
    expect(queried('tags.has=new&stock=true')).toEqual([0, 3]);
    expect(queried('tags=new&tags=sale')).toEqual([0, 1, 3]);
    expect(queried('price.exists=false')).toEqual([3]);
  });

  it('obeys the laws of logic', () => {
    const test = fc.constantFrom<Where>(
      { category: 'Books' },
      { price: { lt: 20 } },
      { stock: true },
      { tags: 'new' },
    );
    fc.assert(
      fc.property(test, test, (a, b) => {
        const all = new Set([...items(a), ...items(b)]);
        expect(items({ or: [a, b] })).toEqual([...all].sort());
        expect(items({ not: { or: [a, b] } })).toEqual(items({ and: [{ not: a }, { not: b }] }));
        expect(items({ not: { not: a } })).toEqual(items(a));
      }),
      { numRuns: 40 },
    );
  });
});

describe('refused are', () => {
  const cases: [string, () => unknown, RegExp][] = [
    [
      'a column that was not kept',
      () => items({ colour: 'red' }),
      /the columns that the model keeps \(category, price, stock, tags\), received "colour".*--keep/,
    ],
    [
      'an operator of another type',
      () => items({ category: { lt: 'B' } as never }),
      /operator of text columns \(eq, .*for category, received lt/,
    ],
    [
      'a value of another type',
      () => items({ price: '20' }),
      /price eq to compare with a number, received "20"/,
    ],
    [
      'a list with another type',
      () => items({ category: ['Books', 3] }),
      /category in to compare with a text, received 3/,
    ],
    ['NaN', () => items({ price: { lt: Number.NaN } }), /received NaN/],
    ['an empty condition', () => items({ price: {} }), /an operator for price/],
    ['and without a list', () => items({ and: { price: 1 } }), /and to be a list of expressions/],
    ['what is no object', () => items('category' as never), /an object of conditions/],
    [
      'endless nesting',
      () => items(Array.from({ length: 100 }).reduce<Where>((part) => ({ not: part }), { price: 1 })),
      /at most 32 levels/,
    ],
    ['a text that stops', () => parsed('category ='), /a value, received the end/],
    [
      'a text with too much',
      () => parsed('price < 20 stock'),
      /and, or, or the end, received "stock" at character 10/,
    ],
    ['an open bracket', () => parsed('(price < 20'), /closing bracket/],
    ['an open quote', () => parsed("category = 'Boo"), /received " 'Boo"/],
    [
      'a text where a number belongs',
      () => parsed('price < cheap'),
      /price lt to compare with a number, received "cheap"/,
    ],
    ['a hundred brackets', () => parsed('('.repeat(100)), /levels of brackets/],
    ['broken JSON', () => parsed('{"a":'), /expected JSON/],
    ['an unknown operator in a query', () => queried('price.about=3'), /received about/],
    [
      'a repeated bound in a query',
      () => queried('price.lt=3&price.lt=4'),
      /price.lt once, received it 2 times/,
    ],
  ];
  it.each(cases)('%s', (_, call, message) => {
    expect(call).toThrow(OptionError);
    expect(call).toThrow(message);
  });

  it('no text, whatever it is, with another error than that of an option', () => {
    const word = fc.constantFrom(
      'price',
      'category',
      '<',
      '=',
      '(',
      ')',
      'not',
      'and',
      'or',
      'in',
      ',',
      '3',
      '"',
      "'",
      '`',
      'tags',
      'has',
      '{',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        try {
          parsed(words.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(OptionError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('columns', () => {
  it('grow by values of their type, and give them back', () => {
    const copies = Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, columnFrom(column.encode([0, 1, 2, 3, 4]))]),
    );
    const values = { category: 'Cars', price: 5.5, stock: false, tags: ['sale', 'new', 'sale', 'old'] };
    for (const [name, value] of Object.entries(values)) {
      copies[name].check(value, name);
      copies[name].set(6, value);
    }
    expect(Object.fromEntries(Object.entries(copies).map(([name, column]) => [name, column.get(6)]))).toEqual(
      { ...values, tags: ['new', 'sale', 'old'] },
    );
    for (const column of Object.values(copies)) expect(column.get(5)).toBe(null);
    const kept = columnFrom(copies.tags.encode([6, 0, 5]));
    expect([0, 1, 2].map((item) => kept.get(item))).toEqual([['new', 'sale', 'old'], ['new', 'sale'], null]);
    for (const [name, bad] of [
      ['category', 3],
      ['price', Infinity],
      ['price', '3'],
      ['stock', 1],
      ['tags', 'new'],
      ['tags', [1]],
    ] as const)
      expect(() => copies[name].check(bad as never, name), name).toThrow(OptionError);
  });
});
