import { DataError, OptionError, shown } from '../../errors.ts';
import type { AttributeColumn, ModelData } from '../../serve/modelFile/data.ts';
import { arrayText, type CopyValue, copyLine, quotedName, vectorText } from './copyText.ts';

/** How vectors are kept: 32 or 16 bits a number. */
export const VECTOR_TYPES = ['vector', 'halfvec'] as const;

/** One of `VECTOR_TYPES`. */
export type VectorType = (typeof VECTOR_TYPES)[number];

/** A table with its rows. */
export interface PostgresTable {
  readonly name: string;
  /** Name and type of each column. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  /** What stands behind the columns. */
  readonly constraints: readonly string[];
  readonly rows: number;
  /** Lines of COPY's text format. */
  lines(): Generator<string>;
}

/** What tables of a model are called, those that come later first. */
export const TABLE_NAMES = ['pairs', 'has', 'users', 'items', 'model'] as const;

/** Columns of `items` that are the model's own. */
const OWN_COLUMNS = ['place', 'id', 'title', 'popularity', 'hidden', 'score', 'factors'];

/** Bytes of a name, beyond which PostgreSQL cuts it. */
const MOST_NAME_BYTES = 63;

/**
 * The tables of a model: `items` with factors, titles and attributes, `users`, what they have, the pairs of items of a
 * closed form, and one row about the model.
 *
 * @throws {DataError} for a column of the catalogue that bears the name of one of these or is too long, for ids or texts with NUL
 */
export function postgresTables(model: ModelData, vectors: VectorType): PostgresTable[] {
  checkAttributes(Object.keys(model.attributes ?? {}));
  return [
    itemTable(model, vectors),
    userTable(model, vectors),
    hasTable(model),
    pairTable(model),
    modelTable(model),
  ].filter((table) => table !== null);
}

function checkAttributes(names: readonly string[]): void {
  const taken = names.find((name) => OWN_COLUMNS.includes(name));
  const long = names.find((name) => new TextEncoder().encode(name).length > MOST_NAME_BYTES);
  const found = taken ?? long;
  if (found === undefined) return;
  const problem =
    taken === undefined
      ? `expected names of columns of at most ${MOST_NAME_BYTES} bytes, received ${shown(found)}`
      : `expected columns of the catalogue beside ${OWN_COLUMNS.join(', ')}, received one called ${shown(found)}`;
  throw new DataError('export', problem, 'Rename the column in the catalogue, and train again');
}

function itemTable(model: ModelData, vectors: VectorType): PostgresTable {
  const { itemIds, itemTitles, itemDegrees, itemFactors, itemScores, hidden, dim } = model;
  const attributes = Object.entries(model.attributes ?? {});
  return {
    name: 'items',
    columns: [
      ['place', 'integer PRIMARY KEY'],
      ['id', 'text NOT NULL UNIQUE'],
      ['title', 'text'],
      ['popularity', 'integer NOT NULL'],
      ['hidden', 'boolean NOT NULL'],
      ...(itemScores ? [['score', 'real NOT NULL'] as const] : []),
      ...(dim > 0 ? [['factors', `${vectors}(${dim}) NOT NULL`] as const] : []),
      ...attributes.map(([name, column]) => [name, TYPES[column.type]] as const),
    ],
    constraints: [],
    rows: itemIds.length,
    *lines() {
      for (const [item, id] of itemIds.entries()) {
        const isHidden = hidden ? ((hidden[item >> 3] >> (item & 7)) & 1) === 1 : false;
        yield copyLine('items', [
          ...[item, id, itemTitles?.[item] || null, itemDegrees[item], isHidden],
          ...(itemScores ? [itemScores[item]] : []),
          ...(dim > 0 ? [vectorText(itemFactors.subarray(item * dim, (item + 1) * dim))] : []),
          ...attributes.map(([, column]) => attributeOf(column, item)),
        ]);
      }
    },
  };
}

const TYPES: Readonly<Record<AttributeColumn['type'], string>> = {
  number: 'double precision',
  boolean: 'boolean',
  text: 'text',
  tags: 'text[] NOT NULL',
};

function attributeOf(column: AttributeColumn, item: number): CopyValue {
  if (column.type === 'number') return Number.isNaN(column.values[item]) ? null : column.values[item];
  if (column.type === 'boolean') return column.values[item] === 2 ? null : column.values[item] === 1;
  const { dictionary, codes } = column;
  if (column.type === 'text') return codes[item] < 0 ? null : dictionary[codes[item]];
  const own = codes.subarray(column.rowPtr[item], column.rowPtr[item + 1]);
  return arrayText(Array.from(own, (code) => dictionary[code]));
}

function userTable({ userIds, userFactors, dim }: ModelData, vectors: VectorType): PostgresTable {
  const table = dim > 0 ? userFactors : null;
  return {
    name: 'users',
    columns: [
      ['place', 'integer PRIMARY KEY'],
      ['id', 'text NOT NULL UNIQUE'],
      ...(table ? [['factors', `${vectors}(${dim}) NOT NULL`] as const] : []),
    ],
    constraints: [],
    rows: userIds.length,
    *lines() {
      for (const [user, id] of userIds.entries()) {
        const row = table?.subarray(user * dim, (user + 1) * dim);
        yield copyLine('users', [user, id, ...(row ? [vectorText(row)] : [])]);
      }
    },
  };
}

function hasTable({ seen, liked, userIds }: ModelData): PostgresTable {
  const { rowPtr, colIdx } = seen ?? {
    rowPtr: new Int32Array(userIds.length + 1),
    colIdx: new Int32Array(0),
  };
  return {
    name: 'has',
    columns: [
      ['user_place', 'integer'],
      ['item_place', 'integer'],
      ['liked', 'boolean NOT NULL'],
    ],
    constraints: ['PRIMARY KEY (user_place, item_place)'],
    rows: colIdx.length,
    *lines() {
      for (let user = 0; user < userIds.length; user++)
        for (let at = rowPtr[user]; at < rowPtr[user + 1]; at++) {
          const isLiked = liked ? ((liked[at >> 3] >> (at & 7)) & 1) === 1 : true;
          yield copyLine('has', [user, colIdx[at], isLiked]);
        }
    },
  };
}

function pairTable({ rows }: ModelData): PostgresTable | null {
  if (!rows) return null;
  const { numItems, rowPtr, indices, weights } = rows;
  return {
    name: 'pairs',
    columns: [
      ['item_place', 'integer'],
      ['target_place', 'integer'],
      ['weight', 'real NOT NULL'],
    ],
    constraints: ['PRIMARY KEY (item_place, target_place)'],
    rows: indices.length,
    *lines() {
      for (let item = 0; item < numItems; item++)
        for (let at = rowPtr[item]; at < rowPtr[item + 1]; at++)
          yield copyLine('pairs', [item, indices[at], weights[at]]);
    },
  };
}

function modelTable({ config, metrics, dim }: ModelData): PostgresTable {
  return {
    name: 'model',
    columns: [
      ['dim', 'integer NOT NULL'],
      ['config', 'jsonb NOT NULL'],
      ['metrics', 'jsonb NOT NULL'],
    ],
    constraints: [],
    rows: 1,
    *lines() {
      yield copyLine('model', [dim, JSON.stringify(config), JSON.stringify(metrics)]);
    },
  };
}

/** Bytes of NAMEDATALEN, less what a loading schema adds. */
const MOST_SCHEMA_BYTES = MOST_NAME_BYTES - '_loading'.length;

/** @throws {OptionError} for a name that PostgreSQL would cut or keeps for itself */
export function checkSchema(schema: string): void {
  const bytes = new TextEncoder().encode(schema).length;
  if (bytes >= 1 && bytes <= MOST_SCHEMA_BYTES && !/^pg_|\0/.test(schema)) return;
  const problem = `expected the name of a schema of 1 to ${MOST_SCHEMA_BYTES} bytes that does not begin with pg_, received ${shown(schema)}`;
  throw new OptionError('export', problem, 'Name it otherwise', 'schema');
}

/** A column's definition. */
export function definition([name, type]: readonly [string, string]): string {
  return `${quotedName(name)} ${type}`;
}
