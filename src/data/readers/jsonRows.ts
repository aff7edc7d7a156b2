import { shown } from '../../errors.ts';
import type { LineCounter } from './report.ts';
import type { TableSink } from './table.ts';

/** How many rows of the beginning tell the columns. */
export const SAMPLE_ROWS = 200;

/**
 * Hands objects to a sink as rows of a table. The columns are the fields met so far; the sink learns of them with the
 * first rows at hand, and again when a row brings new ones.
 */
export class ObjectRows {
  readonly #sink: TableSink;
  readonly #counter: LineCounter;
  /** `a JSON object`, for messages */
  readonly #expected: string;
  readonly #names: string[] = [];
  readonly #known = new Set<string>();
  /** rows until the first call of `columns` */
  #held: { row: Record<string, unknown>; line: number }[] | null = [];

  constructor(sink: TableSink, counter: LineCounter, expected: string) {
    this.#sink = sink;
    this.#counter = counter;
    this.#expected = expected;
  }

  /**
   * Takes a value, which must be an object.
   *
   * @param value undefined if the text is no value
   * @param text what it was read from, for messages
   */
  take(value: unknown, line: number, text: string): void {
    this.#counter.report.lines++;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#counter.bad(line, `expected ${this.#expected}, received ${shown(text)}`, 'no object');
      return;
    }
    const row = value as Record<string, unknown>;
    const before = this.#names.length;
    for (const name of Object.keys(row)) {
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      this.#names.push(name);
    }
    if (this.#held) {
      this.#held.push({ row, line });
      if (this.#held.length === SAMPLE_ROWS) this.#release();
      return;
    }
    if (this.#names.length > before) this.#tell([row], false);
    this.#sink.row(this.#cells(row), line);
  }

  /** Tells the sink that no column will come any more. */
  end(): void {
    if (this.#held) this.#release(true);
    else this.#tell([], true);
  }

  #release(isComplete = false): void {
    const held = this.#held ?? [];
    this.#held = null;
    if (held.length === 0) return;
    this.#tell(
      held.map(({ row }) => row),
      isComplete,
    );
    for (const { row, line } of held) this.#sink.row(this.#cells(row), line);
  }

  #tell(rows: readonly Record<string, unknown>[], isComplete: boolean): void {
    const sample = rows.map((row) => this.#cells(row));
    const table = {
      name: this.#counter.name,
      names: this.#names,
      hasHeader: true,
      sample,
      decimalComma: false,
    };
    this.#sink.columns(table, null, isComplete);
  }

  #cells(row: Record<string, unknown>): unknown[] {
    return this.#names.map((name) => (Object.hasOwn(row, name) ? row[name] : undefined));
  }
}
