import { FormatError } from '../../errors.ts';
import { type Block, eachLine, textOf } from './blocks.ts';
import type { FieldsDialect } from './dialect.ts';
import { splitPlain, splitRecord } from './quoted.ts';
import type { LineCounter } from './report.ts';
import type { SlowLines, TableSink } from './table.ts';

/** A file of fields that has been looked at. */
export interface FieldsLayout {
  readonly dialect: FieldsDialect;
  /** fields of a record; null for any number */
  readonly width: number | null;
  /** the number of the last line before the rows: that of the header, or of comments; 0 if there is none */
  readonly lastHeaderLine: number;
  /** whether delimiters beyond the width belong to the last field */
  readonly isLastOpen?: boolean;
}

/** A record that is still open after so many lines has a stray quote. */
const MOST_LINES = 500;
const QUOTES = 'broken quotes';
/** What programs of databases write below a table: (540 rows), 540 rows affected. */
const FOOTER =
  /^\s*(\(\d{1,15} rows?( affected)?\)|\d{1,15} rows? (selected|affected|returned|in set)\b.{0,40})\s*$/i;

/** Hands the rows of a file of fields to a sink. */
export class FieldsReader implements SlowLines {
  readonly #layout: FieldsLayout;
  readonly #sink: TableSink;
  readonly #counter: LineCounter;
  readonly #plain: ((block: Block) => void) | null;
  /** lines of a record whose quotes are not closed yet */
  #open: string[] = [];
  #openLine = 0;
  /** rows with delimiters that belong to the last field */
  #longRows = 0;

  constructor(layout: FieldsLayout, sink: TableSink, counter: LineCounter) {
    this.#layout = layout;
    this.#sink = sink;
    this.#counter = counter;
    const { delimiter, quoted } = layout.dialect;
    const isByte = delimiter.length === 1 && delimiter !== ' ' && delimiter.charCodeAt(0) < 128;
    const { width } = layout;
    this.#plain =
      (isByte && width !== null && sink.plain?.(delimiter.charCodeAt(0), width, quoted, this)) || null;
  }

  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  take(block: Block): void {
    if (this.#plain && block.line > this.#layout.lastHeaderLine) this.#plain(block);
    else eachLine(textOf(block, this.#counter.name), (text, index) => this.#take(text, block.line + index));
  }

  line(bytes: Uint8Array, line: number): void {
    eachLine(textOf({ bytes, line }, this.#counter.name), (text) => this.#take(text, line));
  }

  /** Gives up a record whose quotes never close, so that the lines after its first are read. */
  end(): void {
    while (this.#open.length > 0) this.#giveUp();
    if (this.#longRows > 0)
      this.#counter.note(
        `${this.#longRows} rows have more fields than columns; all that follows belongs to the last column`,
      );
  }

  #take(text: string, line: number): void {
    if (line <= this.#layout.lastHeaderLine) return;
    const { dialect, width } = this.#layout;
    if (this.#open.length > 0) {
      this.#goOn(text);
      return;
    }
    if (FOOTER.test(text)) {
      this.#counter.note(`line ${line} counts the rows of a query and is none: ${text.trim()}`);
      return;
    }
    if (text === '' || (dialect.comment !== null && text.startsWith(dialect.comment))) return;
    if (!dialect.quoted || !text.includes('"')) {
      this.#record(splitPlain(text, dialect.delimiter), line);
      return;
    }
    const cells = splitRecord(text, dialect, width ?? 0);
    if (cells === 'open') {
      this.#open = [text];
      this.#openLine = line;
    } else if (cells === 'malformed') this.#bad(line);
    else this.#record(cells, line);
  }

  /** One more line of a record that is open. */
  #goOn(text: string): void {
    this.#open.push(text);
    if (text.includes('"')) {
      const cells = splitRecord(this.#open.join('\n'), this.#layout.dialect, this.#layout.width ?? 0);
      if (Array.isArray(cells)) {
        this.#open = [];
        this.#record(cells, this.#openLine);
        return;
      }
      if (cells === 'malformed') {
        this.#giveUp();
        return;
      }
    }
    if (this.#open.length >= MOST_LINES) this.#giveUp();
  }

  /** The first line of the open record is bad; those after it are read anew. */
  #giveUp(): void {
    const [, ...rest] = this.#open;
    const first = this.#openLine;
    this.#open = [];
    this.#bad(first);
    for (const [n, text] of rest.entries()) this.#take(text, first + 1 + n);
  }

  #bad(line: number): void {
    this.#counter.report.lines++;
    const reason = 'the quotes do not follow RFC 4180: quote the whole field and double those inside';
    this.#counter.bad(line, reason, QUOTES);
  }

  #record(cells: readonly string[], line: number): void {
    const { width, lastHeaderLine } = this.#layout;
    this.#counter.report.lines++;
    if (width === null || cells.length === width) {
      this.#sink.row(cells, line);
      return;
    }
    if (this.#layout.isLastOpen && cells.length > width) {
      this.#longRows++;
      const rest = cells.slice(width - 1).join(this.#layout.dialect.delimiter);
      this.#sink.row([...cells.slice(0, width - 1), rest], line);
      return;
    }
    const where = lastHeaderLine > 0 ? 'in the header' : 'in the first line';
    const reason = `expected ${width} fields as ${where}, received ${cells.length}`;
    this.#counter.bad(line, reason, 'another number of fields');
  }
}

/** @throws {FormatError} if a file has no line at all */
export function assertLines(lines: readonly string[], name: string): void {
  if (lines.length > 0) return;
  throw new FormatError(name, 'expected a header line or rows, the file is empty', 'Check the file');
}
