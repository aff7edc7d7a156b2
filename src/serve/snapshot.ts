import type { SparseRows } from '../rank/sparseRows.ts';
import type { Codes, FactorCodes, ItemInverse, ModelData, TextVectors } from './modelFile/data.ts';
import { itemMapOf } from './modelFile/itemMap.ts';
import { sequenceOf } from './modelFile/sequence.ts';
import { copiedTensors } from './modelFile/text.ts';
import type { OpenModel } from './openModel.ts';
import type { PersonItems } from './people.ts';
import type { RowEntry } from './scoring/rowTable.ts';
import type { CodedRow } from './scoring/segment.ts';

/** Numbers in use, ascending, and by old number the new one; −1 for what is gone. */
interface Renumbered {
  readonly kept: readonly number[];
  readonly numbers: Int32Array;
}

/**
 * What a model is at the moment: that of its file with everything that came since. Every part is made when it is first
 * read, and a copy.
 */
export function snapshotOf(model: OpenModel): ModelData {
  const { state, parts } = model;
  const { catalogue, people, scorer } = state;
  const { factors } = scorer;
  const users = once(() => renumbered(people.ids.present(), people.ids.count));
  const items = once(() => renumbered(catalogue.ids.present(), catalogue.numItems));
  const had = once(() => hadOf(model, users(), items()));
  const kept = () => items().kept;
  const precision = parts.factors?.items ? (parts.factors.items.dtype === 'F16' ? 'f16' : 'f32') : 'int8';
  return lazy<ModelData>({
    userIds: () => people.ids.all(),
    itemIds: () => catalogue.ids.all(),
    itemTitles: () => (catalogue.hasTitles ? kept().map((item) => catalogue.titleOf(item)!) : null),
    dim: () => factors?.dim ?? 0,
    userFactors: () =>
      people.hasRows ? stacked(users().kept, factors!.dim, (user) => people.rowOf(user)) : null,
    itemFactors: () =>
      factors ? stacked(kept(), factors.dim, (item) => factors.row(item)) : new Float32Array(0),
    itemDegrees: () => Int32Array.from(kept(), (item) => catalogue.degreeOf(item)),
    seen: () => had()?.seen ?? null,
    config: () => parts.config,
    metrics: () => parts.metrics,
    liked: () => had()?.liked ?? null,
    sequence: () => scorer.sequence?.left?.(kept()) ?? (parts.sequence && sequenceOf(parts.sequence)),
    seenOrder: () => (parts.sequence && had()?.order) ?? null,
    hidden: () => bitsOf(kept(), (item) => catalogue.isHidden(item)),
    cold: () => bitsOf(kept(), (item) => catalogue.isCold(item)),
    attributes: () =>
      Object.fromEntries(
        Object.entries(catalogue.columns()).map(([name, column]) => [name, column.encode(kept())]),
      ),
    precision: () => (factors ? precision : 'f32'),
    codes: () => (parts.factors?.itemCodes ? codesOf(model, users(), items()) : null),
    rows: () => (parts.rows ? sparseRows(items(), (item) => scorer.rows!.row(item)) : null),
    inverse: () => inverseOf(model, users(), items()),
    itemScores: () => scorer.itemScores && Float32Array.from(kept(), (item) => scorer.itemScores![item] ?? 0),
    blend: () => parts.blend,
    text: () => textOf(model, items()),
    itemMap: () => parts.itemMap && itemMapOf(parts.itemMap),
  });
}

function hadOf({ state, parts }: OpenModel, users: Renumbered, items: Renumbered) {
  const { people } = state;
  if (!parts.users.had && people.ids.count === people.ids.baseCount && !people.isChanged) return null;
  const rowPtr = new Int32Array(users.kept.length + 1);
  const columns: number[] = [];
  const likes: boolean[] = [];
  const order: number[] = [];
  for (const [n, user] of users.kept.entries()) {
    const own = people.itemsOf(user);
    order.push(...placesLeft(own, items.numbers));
    for (const [at, item] of own.items.entries()) {
      if (items.numbers[item] < 0) continue;
      columns.push(items.numbers[item]);
      likes.push(own.liked[at]);
    }
    rowPtr[n + 1] = columns.length;
  }
  const seen = { rowPtr, colIdx: Int32Array.from(columns) };
  return {
    seen,
    liked: likes.every((like) => like) ? null : packed(likes),
    order: Int32Array.from(order),
  };
}

/** The places of the items that are left in a person's history, ascending by item. */
function placesLeft({ items, order = [] }: PersonItems, numbers: Int32Array): number[] {
  const left = [...order.keys()].filter((n) => numbers[items[n]] >= 0);
  const places = new Map([...left].sort((a, b) => order[a] - order[b]).map((n, place) => [n, place]));
  return left.map((n) => places.get(n)!);
}

function codesOf({ state, parts }: OpenModel, users: Renumbered, items: Renumbered): FactorCodes {
  const factors = state.scorer.factors!;
  const own = joined(items.kept.map((item) => factors.codedRow(item)));
  const hasErrors = parts.factors!.itemCodes!.errors !== null;
  const people = parts.factors!.userCodes
    ? joined(users.kept.map((user) => state.people.codedRow(user)))
    : null;
  return {
    items: { codes: own.codes, scales: own.scales, errors: hasErrors ? own.errors : null },
    users: people && { codes: people.codes, scales: people.scales },
  };
}

function textOf({ state, parts }: OpenModel, { kept }: Renumbered): TextVectors | null {
  if (!parts.text) return null;
  const { codes, scales } = joined(kept.map((item) => state.text!.codedRow(item)));
  const { encoder, width, lexical } = parts.text;
  const own = lexical && { options: lexical.options, tensors: copiedTensors(lexical) };
  return { encoder, width, items: { codes, scales }, ...(own && { lexical: own }) };
}

function joined(rows: readonly CodedRow[]): Codes & { readonly errors: Float32Array } {
  const dim = rows[0]?.codes.length ?? 0;
  const codes = new Int8Array(rows.length * dim);
  for (const [n, row] of rows.entries()) codes.set(row.codes, n * dim);
  return {
    codes,
    scales: Float32Array.from(rows, ({ scale }) => scale),
    errors: Float32Array.from(rows, ({ error }) => error),
  };
}

function inverseOf({ state }: OpenModel, users: Renumbered, items: Renumbered): ItemInverse | null {
  const rows = state.scorer.rows;
  const inverse = rows?.inverse;
  if (!rows || !inverse) return null;
  const rowPtr = new Int32Array(users.kept.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (const [n, user] of users.kept.entries()) {
    const own = inverse.learnedOf(user);
    for (const item of own.items) columns.push(items.numbers[item]);
    values.push(...own.values);
    rowPtr[n + 1] = columns.length;
  }
  const placed = sparseRows(items, (item) => rows.added(item));
  return {
    settings: inverse.settings,
    values: inverse.triangle(items.kept),
    learned: {
      rowPtr,
      colIdx: Int32Array.from(columns),
      values: inverse.isUnweighted ? null : Float32Array.from(values),
    },
    placed: placed.indices.length > 0 ? placed : null,
  };
}

/** The rows of the items that are left, without entries of those that are not. */
function sparseRows({ kept, numbers }: Renumbered, row: (item: number) => readonly RowEntry[]): SparseRows {
  const rowPtr = new Int32Array(kept.length + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  for (const [n, item] of kept.entries()) {
    for (const entry of row(item)) {
      if (numbers[entry.item] < 0) continue;
      indices.push(numbers[entry.item]);
      weights.push(entry.weight);
    }
    rowPtr[n + 1] = indices.length;
  }
  return {
    numItems: kept.length,
    rowPtr,
    indices: Int32Array.from(indices),
    weights: Float32Array.from(weights),
  };
}

function renumbered(kept: readonly number[], count: number): Renumbered {
  const numbers = new Int32Array(count).fill(-1);
  for (const [n, old] of kept.entries()) numbers[old] = n;
  return { kept, numbers };
}

/** Rows one after the other; zeros for those that are null. */
function stacked(
  numbers: readonly number[],
  dim: number,
  row: (n: number) => Float32Array | null,
): Float32Array {
  const table = new Float32Array(numbers.length * dim);
  for (const [n, number] of numbers.entries()) {
    const own = row(number);
    if (own) table.set(own, n * dim);
  }
  return table;
}

/** A bit an item; null where none is set. */
function bitsOf(items: readonly number[], test: (item: number) => boolean): Uint8Array | null {
  const set = items.map(test);
  return set.includes(true) ? packed(set) : null;
}

function packed(flags: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 8));
  for (const [n, flag] of flags.entries()) if (flag) bits[n >> 3] |= 1 << (n & 7);
  return bits;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** An object whose fields are made when they are first read. */
function lazy<T extends object>(fields: { readonly [Name in keyof T]-?: () => T[Name] }): T {
  const result = {};
  for (const [name, make] of Object.entries(fields) as [string, () => unknown][]) {
    Object.defineProperty(result, name, { enumerable: true, get: once(make) });
  }
  return result as T;
}
