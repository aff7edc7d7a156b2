import { OptionError } from '../errors.ts';
import { joinedBytes } from '../format/joinedBytes.ts';
import { writeAtomic } from '../node/files.ts';
import { atOnce } from './interrupt.ts';

/** A value of a row of results. */
export type Value = string | number | null;

/** The forms of a file of rows, by its ending. */
export const ROW_ENDINGS = ['csv', 'tsv', 'jsonl', 'parquet'] as const;

type Ending = (typeof ROW_ENDINGS)[number];

/** @throws {OptionError} for a name with another ending */
export function rowEnding(flag: string, path: string): Ending {
  const ending = ROW_ENDINGS.find((known) => path.toLowerCase().endsWith(`.${known}`));
  if (ending) return ending;
  const endings = ROW_ENDINGS.map((known) => `.${known}`).join(', ');
  throw new OptionError(flag, `expected a name that ends in ${endings}, received ${path}`, 'Name it so');
}

/** Collects rows and writes them as CSV, TSV, JSON lines or Parquet. */
export class RowsFile {
  readonly #columns: readonly string[];
  readonly #ending: Ending;
  readonly #parts: Uint8Array[] = [];
  /** by column, for Parquet alone */
  readonly #values: Value[][];
  #text = '';
  readonly #encoder = new TextEncoder();

  constructor(columns: readonly string[], ending: Ending) {
    this.#columns = columns;
    this.#ending = ending;
    this.#values = columns.map(() => []);
    if (ending === 'csv' || ending === 'tsv') this.#line(columns);
  }

  add(row: readonly Value[]): void {
    if (this.#ending === 'parquet') {
      for (const [column, value] of row.entries()) this.#values[column].push(value);
    } else if (this.#ending === 'jsonl') {
      this.#put(JSON.stringify(Object.fromEntries(this.#columns.map((name, n) => [name, row[n]]))));
    } else this.#line(row);
  }

  /** Writes the file in full or not at all, and returns its size in bytes. */
  async write(path: string, signal?: AbortSignal): Promise<number> {
    this.#flush();
    const bytes = this.#ending === 'parquet' ? await this.#parquet() : joinedBytes(this.#parts);
    await writeAtomic(path, bytes, { signal });
    return bytes.length;
  }

  #line(cells: readonly Value[]): void {
    const mark = this.#ending === 'tsv' ? '\t' : ',';
    this.#put(cells.map((cell) => quoted(cell, mark)).join(mark));
  }

  #put(line: string): void {
    this.#text += `${line}\n`;
    if (this.#text.length > 1 << 20) this.#flush();
  }

  #flush(): void {
    if (this.#text !== '') this.#parts.push(this.#encoder.encode(this.#text));
    this.#text = '';
  }

  async #parquet(): Promise<Uint8Array> {
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    return atOnce(() => {
      const columnData = this.#columns.map((name, column) => {
        const data = this.#values[column];
        const isText =
          data.some((value) => typeof value === 'string') || data.every((value) => value === null);
        const isWhole = data.every((value) => Number.isInteger(value));
        return {
          name,
          data,
          type: isText ? ('STRING' as const) : isWhole ? ('INT32' as const) : ('FLOAT' as const),
        };
      });
      return new Uint8Array(parquetWriteBuffer({ columnData }));
    });
  }
}

/** Between tabs quotes within a text are text, also for readers that give none a meaning. */
function quoted(cell: Value, mark: string): string {
  if (cell === null) return '';
  const text = String(cell);
  const needsQuotes = mark === '\t' ? /^"|[\t\r\n]/ : /[,"\r\n]/;
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
