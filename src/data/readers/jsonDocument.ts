import { shown } from '../../errors.ts';
import { textOf } from './blocks.ts';
import type { FormatInput } from './formats.ts';
import { columnsOf } from './header.ts';
import { heldRows } from './heldRows.ts';
import { ValueFramer } from './jsonFraming.ts';
import { parseJson } from './jsonLines.ts';
import { ObjectRows, SAMPLE_ROWS } from './jsonRows.ts';

/**
 * Reads JSON that is not one object a line: an array of objects or of lists, objects over several lines one after the
 * other, and one object that holds rows, see `heldRows`.
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
    this.#objects = new ObjectRows(input.sink, input.counter, 'a JSON object', input.hints);
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
    const held = this.#first && this.#count === 1 ? heldRows(this.#first.value, this.#input.hints) : null;
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
    const { names, hasHeader, headerRecords } = columnsOf(texts, hints);
    this.#width = names.length;
    const rows = held.slice(headerRecords);
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
