import { shown } from '../../errors.ts';
import { textOf } from './blocks.ts';
import type { FormatInput } from './formats.ts';
import { columnsOf } from './header.ts';
import { ValueFramer } from './jsonFraming.ts';
import { parseJson } from './jsonLines.ts';
import { ObjectRows, SAMPLE_ROWS } from './jsonRows.ts';

/**
 * Reads JSON that is not one object a line: an array of objects or of lists, objects over several lines one after the
 * other, and one object that holds rows: pandas' `columns`, `split` and `table` orientations, a list a column, or a
 * list of objects under any name.
 */
export async function readJsonDocument(input: FormatInput): Promise<string> {
  const { blocks, counter } = input;
  const rows = new DocumentRows(input);
  const framer = new ValueFramer((text, line) => rows.take(text, line));
  for await (const block of blocks) framer.push(textOf(block, counter.name), block.line);
  framer.end();
  rows.end();
  return framer.isArray ? 'a JSON array' : 'JSON objects';
}

/** Takes values of a document as rows; a first object that is the only one may hold the rows. */
class DocumentRows {
  readonly #input: FormatInput;
  readonly #objects: ObjectRows;
  #lists: ListRows | null = null;
  #first: { value: unknown; text: string; line: number } | null = null;
  #count = 0;

  constructor(input: FormatInput) {
    this.#input = input;
    this.#objects = new ObjectRows(input.sink, input.counter, 'a JSON object');
  }

  take(text: string, line: number): void {
    let value: unknown;
    try {
      value = parseJson(text);
    } catch {
      value = undefined;
    }
    if (++this.#count === 1) {
      this.#first = { value, text, line };
      return;
    }
    this.#releaseFirst();
    this.#row(value, text, line);
  }

  end(): void {
    const held = this.#first && this.#count === 1 ? heldRows(this.#first.value) : null;
    if (held) {
      const { line } = this.#first!;
      this.#first = null;
      for (const row of held) this.#row(row, shown(row), line);
    } else this.#releaseFirst();
    if (this.#lists) this.#lists.end();
    else this.#objects.end();
  }

  #releaseFirst(): void {
    if (!this.#first) return;
    const { value, text, line } = this.#first;
    this.#first = null;
    this.#row(value, text, line);
  }

  #row(value: unknown, text: string, line: number): void {
    if (Array.isArray(value) && (this.#lists || this.#count <= 2)) {
      this.#lists ??= new ListRows(this.#input);
      this.#lists.take(value, line);
    } else this.#objects.take(value, line, text);
  }
}

/** Rows that are lists, of which the first may name the columns. */
class ListRows {
  readonly #input: FormatInput;
  #held: { cells: unknown[]; line: number }[] | null = [];
  #width = 0;

  constructor(input: FormatInput) {
    this.#input = input;
  }

  take(cells: unknown[], line: number): void {
    if (!this.#held) this.#row(cells, line);
    else if (this.#held.push({ cells, line }) === SAMPLE_ROWS) this.end();
  }

  end(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = null;
    const { sink, counter, hints } = this.#input;
    const texts = held.map(({ cells }) => cells.map((cell) => (cell === null ? '' : String(cell))));
    const { names, hasHeader } = columnsOf(texts, hints);
    this.#width = names.length;
    const rows = hasHeader ? held.slice(1) : held;
    const sample = rows.map(({ cells }) => cells);
    sink.columns({ name: counter.name, names, hasHeader, sample, decimalComma: false }, null, true);
    for (const { cells, line } of rows) this.#row(cells, line);
  }

  #row(cells: unknown[], line: number): void {
    const { sink, counter } = this.#input;
    counter.report.lines++;
    if (cells.length === this.#width) sink.row(cells, line);
    else
      counter.bad(
        line,
        `expected ${this.#width} values, received ${cells.length}`,
        'another number of fields',
      );
  }
}

/** The rows inside of one object; null if it is a row itself. */
function heldRows(value: unknown): unknown[] | null {
  if (!isObject(value)) return null;
  const { columns, data } = value;
  if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray))
    return data.map((row: unknown[]) => namedCells(columns, row));
  const fields = Object.values(value);
  const lists = fields.filter((field) => Array.isArray(field) && field.length > 0 && field.every(isObject));
  if (lists.length === 1) return lists[0] as unknown[];
  const names = Object.keys(value);
  if (
    fields.length > 1 &&
    fields.every(Array.isArray) &&
    fields.every((field) => field.length === fields[0].length)
  )
    return fields[0].map((_: unknown, n: number) =>
      Object.fromEntries(names.map((name, c) => [name, fields[c][n]])),
    );
  if (fields.length > 1 && fields.every(isObject)) return rowsOfColumns(names, fields);
  return null;
}

function namedCells(columns: readonly unknown[], row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(row.slice(0, columns.length).map((cell, n) => [String(columns[n]), cell]));
}

/** The rows of columns whose cells stand under the rows' keys. */
function rowsOfColumns(names: readonly string[], columns: readonly Record<string, unknown>[]): unknown[] {
  const rows = new Map<string, [string, unknown][]>();
  for (const [n, column] of columns.entries()) {
    for (const [key, cell] of Object.entries(column)) {
      const row = rows.get(key);
      if (row) row.push([names[n], cell]);
      else rows.set(key, [[names[n], cell]]);
    }
  }
  return Array.from(rows.values(), (row) => Object.fromEntries(row));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
