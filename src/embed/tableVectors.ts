import { type Cell, cellText } from '../data/readers/cells.ts';
import { namedFor, plainName } from '../data/readers/columnNames.ts';
import { readTable } from '../data/readers/readTable.ts';
import { LineCounter } from '../data/readers/report.ts';
import type { Table } from '../data/readers/roles.ts';
import type { Source } from '../data/readers/source.ts';
import type { TableSink } from '../data/readers/table.ts';
import { DataError, ShapeError, shown } from '../errors.ts';
import { checkArgument, TEXT } from '../options/arguments.ts';
import { Embeddings } from './embeddings.ts';

/** What columns of vectors are called, without case and signs; beside them there may be any other column. */
const VECTOR_NAMES = new Set(['embedding', 'embeddings', 'vector', 'vectors', 'emb', 'values', 'features']);

/**
 * The embeddings in a table, packed or not: JSON in lines, CSV, Parquet … An item is a row, with its id in a column of a
 * usual name (`item_id`, `id`, `asin` …, else the first that is no vector) and its vector in a list column or a list
 * written as text; or, without lists, one number in every other column.
 *
 * @param source the bytes of the table, as `readCatalogue` takes them
 * @param name stands in messages
 * @throws {FormatError} as `readCatalogue`
 * @throws {DataError} no vectors; a value that is no number, with its line; a blank or repeated id
 * @throws {ShapeError} rows of different widths
 * @example
 * const embeddings = await embeddingsFromTable('id,v1,v2\na,1,0\nb,0,1\n', 'vectors.csv');
 * embeddings.width; // → 2
 */
export async function embeddingsFromTable(source: Source, name: string): Promise<Embeddings> {
  checkArgument(TEXT, name, 'name', 'embeddingsFromTable');
  const sink = new VectorSink(name);
  const hints = { named: [], roles: ['id'] as const };
  await readTable(source, {}, hints, sink, new LineCounter(name));
  return sink.finish();
}

/** Collects ids and vectors row by row. */
class VectorSink implements TableSink {
  readonly #name: string;
  readonly #ids: string[] = [];
  readonly #rows: Float32Array[] = [];
  #names: readonly string[] = [];
  /** Chosen by the first row: lists may stand in any column. */
  #places: { readonly id: number; readonly vector: readonly number[]; readonly isList: boolean } | null =
    null;

  constructor(name: string) {
    this.#name = name;
  }

  columns({ names }: Table): void {
    this.#names = names;
  }

  row(cells: readonly Cell[], line: number): void {
    this.#places ??= this.#choose(cells);
    const { id, vector, isList } = this.#places;
    const values = isList ? listOf(cells[vector[0]]) : vector.map((column) => cells[column]);
    if (!values) {
      const problem = `expected a list of numbers in column ${shown(this.#names[vector[0]])}, received ${shown(cells[vector[0]])}`;
      throw new DataError(`${this.#name}:${line}`, problem, 'Correct or remove the line');
    }
    const row = Float32Array.from(values, (value, n) => this.#number(value, n, line));
    const width = this.#rows[0]?.length ?? row.length;
    if (row.length !== width) {
      const problem = `expected vectors of width ${width}, received ${row.length}`;
      throw new ShapeError(`${this.#name}:${line}`, problem, 'Write vectors of one model');
    }
    this.#ids.push(cellText(cells[id]).trim());
    this.#rows.push(row);
  }

  /** @throws as `Embeddings` */
  finish(): Embeddings {
    const width = this.#rows[0]?.length ?? 0;
    if (width === 0) {
      throw new DataError(
        this.#name,
        'expected rows with vectors, received none',
        'Write an id and a vector in each',
      );
    }
    const vectors = new Float32Array(this.#rows.length * width);
    for (const [n, row] of this.#rows.entries()) vectors.set(row, n * width);
    return new Embeddings({ ids: this.#ids, width, vectors, source: this.#name });
  }

  #choose(cells: readonly Cell[]): { id: number; vector: readonly number[]; isList: boolean } {
    const columns = Array.from(cells.keys());
    const lists = columns.filter((column) => listOf(cells[column]) !== null);
    const list = lists.find((column) => VECTOR_NAMES.has(plainName(this.#names[column]))) ?? lists[0];
    const named = [namedFor('id', this.#names), namedFor('item', this.#names)].find(
      (column) => column !== -1,
    );
    const id = named ?? columns.find((column) => column !== list) ?? -1;
    if (id === -1 || id === list) {
      const found = this.#names.map((name) => JSON.stringify(name)).join(', ');
      throw new DataError(this.#name, `expected a column of ids, found the columns ${found}`, 'Add the ids');
    }
    if (list !== undefined) return { id, vector: [list], isList: true };
    return { id, vector: columns.filter((column) => column !== id), isList: false };
  }

  #number(value: unknown, column: number, line: number): number {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    if (typeof number === 'bigint') return Number(number);
    const problem = `expected a number in column ${column} of the vector, received ${shown(value)}`;
    throw new DataError(`${this.#name}:${line}`, problem, 'Correct or remove the line');
  }
}

/** The entries of a list, or of a text that is written as one: `[0.1, 0.2]`, `0.1 0.2`; null for anything else. */
function listOf(cell: Cell): ArrayLike<unknown> | null {
  if (Array.isArray(cell) || (ArrayBuffer.isView(cell) && !(cell instanceof DataView))) {
    return cell as unknown as ArrayLike<unknown>;
  }
  if (typeof cell !== 'string') return null;
  const inner = /^\s*\[([^\]]*)\]\s*$/.exec(cell)?.[1];
  const parts = (inner ?? cell).trim().split(/[\s,;]+/);
  return inner !== undefined ||
    (parts.length > 1 && parts.every((part) => part !== '' && Number.isFinite(Number(part))))
    ? parts
    : null;
}
