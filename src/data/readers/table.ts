import { FormatError } from '../../errors.ts';
import type { LineCounter } from './badLines.ts';
import { readCsvRecords } from './csv.ts';
import type { Format } from './formats.ts';
import { readJsonLines } from './jsonLines.ts';
import { eachLine, type Source, textBlocks } from './source.ts';
import type { TableSink } from './tableSink.ts';

export interface TableOptions {
  format: Exclude<Format, 'lightgcn'>;
  signal?: AbortSignal;
}

/**
 * Reads a table row by row. `csv`: a header, commas, RFC 4180 quotes. `tsv`: a header, tabs, no quotes.
 * `recbole`: as tsv, the header giving `name:type`. `jsonl`: an object a line. Empty lines are passed over,
 * line ends may be LF or CRLF.
 *
 * @throws {FormatError} for an empty file, a header that is not of the format, invalid UTF-8 or quotes that
 *   never close
 * @throws {DataError} for a bad line, unless `counter` skips it
 */
export async function readTable(
  source: Source,
  options: TableOptions,
  sink: TableSink,
  counter: LineCounter,
): Promise<void> {
  const blocks = textBlocks(source, counter.name, options.signal);
  if (options.format === 'jsonl') return readJsonLines(blocks, sink, counter);
  const rows = new HeadedRows(options.format === 'recbole', sink, counter);
  if (options.format === 'csv') {
    await readCsvRecords(blocks, counter.name, {
      record: (cells, line) => rows.take(cells, line),
      bad: (line, reason) => rows.takeBad(line, reason),
    });
  } else {
    let linesBefore = 1;
    for await (const block of blocks) {
      linesBefore += eachLine(block, (line, index) => {
        if (line !== '') rows.take(line.split('\t'), linesBefore + index);
      });
    }
  }
  rows.assertHeader();
}

/** Takes the first record as the header and holds the others against its width. */
class HeadedRows {
  readonly #isTyped: boolean;
  readonly #sink: TableSink;
  readonly #counter: LineCounter;
  #width = 0;

  constructor(isTyped: boolean, sink: TableSink, counter: LineCounter) {
    this.#isTyped = isTyped;
    this.#sink = sink;
    this.#counter = counter;
  }

  take(cells: readonly string[], line: number): void {
    if (this.#width === 0) {
      this.#takeHeader(cells, line);
      return;
    }
    this.#counter.report.lines++;
    if (cells.length === this.#width) this.#sink.row(cells, line);
    else this.#counter.bad(line, `expected ${this.#width} fields as in the header, received ${cells.length}`);
  }

  takeBad(line: number, reason: string): void {
    if (this.#width === 0)
      throw new FormatError(`${this.#counter.name}:${line}`, reason, 'Correct the header');
    this.#counter.report.lines++;
    this.#counter.bad(line, reason);
  }

  assertHeader(): void {
    if (this.#width > 0) return;
    throw new FormatError(this.#counter.name, 'expected a header line, the file is empty', 'Check the file');
  }

  #takeHeader(cells: readonly string[], line: number): void {
    const names = cells.map((cell) => cell.trim());
    if (!this.#isTyped) {
      this.#sink.columns(names, null);
    } else {
      const parts = names.map((name) => /^(.+):(token|token_seq|float|float_seq)$/.exec(name));
      const wrong = parts.indexOf(null);
      if (wrong !== -1) {
        const problem = `expected a RecBole header of name:type fields, received ${JSON.stringify(names[wrong])}`;
        throw new FormatError(
          `${this.#counter.name}:${line}`,
          problem,
          'Name the format if it is not recbole',
        );
      }
      this.#sink.columns(
        parts.map((part) => part![1]),
        parts.map((part) => part![2]),
      );
    }
    this.#width = cells.length;
  }
}
