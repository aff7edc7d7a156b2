import { shown } from '../../errors.ts';
import { MAX_JSON_DEPTH, nestsDeeper } from '../../format/json.ts';
import type { LineCounter } from './report.ts';
import type { TableSink } from './table.ts';

/** How many rows of the beginning tell the columns. */
export const SAMPLE_ROWS = 200;

/**
 * Hands objects to a sink as rows of a table. The columns are the fields met so far; the sink learns of them with the
 * first rows at hand, and again when a row brings new ones that it awaits. A row has cells where the object has fields,
 * and holes elsewhere, so that objects with fields of their own take no more than they hold.
 */
export class ObjectRows {
  readonly #sink: TableSink;
  readonly #counter: LineCounter;
  /** `a JSON object`, for messages */
  readonly #expected: string;
  readonly #names: string[] = [];
  readonly #indexOf = new Map<string, number>();
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
      const isDeep = value === undefined && nestsDeeper(text);
      const expected = isDeep ? `${this.#expected} at most ${MAX_JSON_DEPTH} levels deep` : this.#expected;
      this.#counter.bad(line, `expected ${expected}, received ${shown(text)}`, 'no object');
      return;
    }
    const row = value as Record<string, unknown>;
    const isAwaited = this.#learn(row);
    if (this.#held) {
      this.#held.push({ row, line });
      if (this.#held.length === SAMPLE_ROWS) this.#release();
      return;
    }
    if (isAwaited) this.#tell([row], false);
    this.#sink.row(this.#cells(row), line);
  }

  /** Takes up the names of new fields; whether the sink awaits one of them. */
  #learn(row: Record<string, unknown>): boolean {
    let isAwaited = false;
    for (const name of Object.keys(row)) {
      if (this.#indexOf.has(name)) continue;
      const index = this.#names.push(name) - 1;
      this.#indexOf.set(name, index);
      isAwaited ||= this.#sink.awaits?.(name, index) ?? true;
    }
    return isAwaited;
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
    const cells: unknown[] = [];
    for (const name of Object.keys(row)) cells[this.#indexOf.get(name)!] = row[name];
    return cells;
  }
}
