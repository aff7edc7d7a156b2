import type { BooleanColumn, Column, NumberColumn, TagsColumn, TextColumn } from './columns.ts';
import type { Operand, WhereTree } from './expression.ts';

type Test = Extract<WhereTree, { kind: 'test' }>;

/** A bit for each of the first `numItems` items that meets an expression. */
export function itemsWhere(
  tree: WhereTree,
  columns: Readonly<Record<string, Column>>,
  numItems: number,
): Uint8Array<ArrayBuffer> {
  const bytes = Math.ceil(numItems / 8);
  if (tree.kind === 'test') return testBits(tree, columns[tree.column], numItems);
  if (tree.kind === 'not') {
    const bits = itemsWhere(tree.part, columns, numItems);
    for (let n = 0; n < bytes; n++) bits[n] = ~bits[n];
    return withoutRest(bits, numItems);
  }
  const isAnd = tree.kind === 'and';
  const bits = withoutRest(new Uint8Array(bytes).fill(isAnd ? 0xff : 0), numItems);
  for (const part of tree.parts) {
    const own = itemsWhere(part, columns, numItems);
    for (let n = 0; n < bytes; n++) bits[n] = isAnd ? bits[n] & own[n] : bits[n] | own[n];
  }
  return bits;
}

/** Clears the bits behind the last item. */
function withoutRest(bits: Uint8Array<ArrayBuffer>, numItems: number): Uint8Array<ArrayBuffer> {
  if (numItems % 8 !== 0) bits[bits.length - 1] &= (1 << (numItems % 8)) - 1;
  return bits;
}

function testBits(test: Test, column: Column, numItems: number): Uint8Array<ArrayBuffer> {
  const meets = testOf(test, column);
  const bits = new Uint8Array(Math.ceil(numItems / 8));
  for (let item = 0; item < numItems; item++) bits[item >> 3] |= Number(meets(item)) << (item & 7);
  return bits;
}

/** Whether an item meets a test of its column. */
function testOf(test: Test, column: Column): (item: number) => boolean {
  if (column.type === 'number') return numberTest(test, column as NumberColumn);
  if (column.type === 'boolean') return booleanTest(test, column as BooleanColumn);
  return column.type === 'text' ? textTest(test, column as TextColumn) : tagsTest(test, column as TagsColumn);
}

function numberTest({ operator, operand }: Test, { values }: NumberColumn): (item: number) => boolean {
  const bound = operand as number;
  const list = new Set(operator === 'in' || operator === 'nin' ? (operand as readonly Operand[]) : []);
  switch (operator) {
    case 'eq':
      return (item) => values[item] === bound;
    case 'ne':
      return (item) => values[item] !== bound;
    case 'lt':
      return (item) => values[item] < bound;
    case 'lte':
      return (item) => values[item] <= bound;
    case 'gt':
      return (item) => values[item] > bound;
    case 'gte':
      return (item) => values[item] >= bound;
    case 'in':
      return (item) => list.has(values[item]);
    case 'nin':
      return (item) => !list.has(values[item]);
    default:
      return (item) => !Number.isNaN(values[item] ?? Number.NaN) === operand;
  }
}

function booleanTest({ operator, operand }: Test, { values }: BooleanColumn): (item: number) => boolean {
  const wanted = Number(operand);
  if (operator === 'eq') return (item) => values[item] === wanted;
  if (operator === 'ne') return (item) => values[item] !== wanted;
  return (item) => (values[item] ?? 2) < 2 === operand;
}

function textTest({ operator, operand }: Test, { codes, dictionary }: TextColumn): (item: number) => boolean {
  if (operator === 'exists') return (item) => (codes[item] ?? -1) >= 0 === operand;
  const texts = Array.isArray(operand) ? (operand as string[]) : [operand as string];
  const wanted = new Uint8Array(dictionary.texts.length);
  for (const text of texts) if (dictionary.find(text) >= 0) wanted[dictionary.find(text)] = 1;
  const isPositive = operator === 'eq' || operator === 'in';
  return (item) => (wanted[codes[item] ?? -1] === 1) === isPositive;
}

function tagsTest({ operator, operand }: Test, column: TagsColumn): (item: number) => boolean {
  if (operator === 'exists') return (item) => column.codesOf(item).length > 0 === operand;
  const tags = Array.isArray(operand) ? (operand as string[]) : [operand as string];
  const wanted = new Set(tags.map((tag) => column.dictionary.find(tag)));
  const needed = operator === 'hasAll' ? wanted.size : Math.min(1, wanted.size);
  return (item) => {
    const own = column.codesOf(item);
    let found = 0;
    for (let n = 0; n < own.length; n++) if (wanted.has(own[n])) found++;
    return found >= needed;
  };
}
