import { shown } from '../../errors.ts';
import { MAX_JSON_DEPTH, nestsDeeper } from '../../format/json.ts';
import type { ColumnHints } from './header.ts';
import { type Needed, type RowShape, rowShape } from './nestedRows.ts';
import type { LineCounter } from './report.ts';
import type { TableSink } from './table.ts';

/** How many rows of the beginning tell the columns. */
export const SAMPLE_ROWS = 200;

/** What interactions need beside what the caller names. */
const NEEDED = { interactions: ['user', 'item'], catalogue: ['id'] } as const;

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
  readonly #needed: Needed;
  /** objects until the first call of `columns` */
  #held: { row: Record<string, unknown>; line: number }[] | null = [];
  /** makes rows of objects that are none themselves */
  #shape: RowShape | null = null;

  /** @param hints what the reader looks for, and columns named by the caller */
  constructor(sink: TableSink, counter: LineCounter, expected: string, { roles, named }: ColumnHints) {
    this.#sink = sink;
    this.#counter = counter;
    this.#expected = expected;
    this.#needed = { roles: NEEDED[roles.includes('user') ? 'interactions' : 'catalogue'], named };
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
    if (!this.#held) {
      this.#take(row, line);
      return;
    }
    this.#held.push({ row, line });
    if (this.#held.length === SAMPLE_ROWS) this.#release();
  }

  /** The rows of an object. */
  #rows(object: Record<string, unknown>): readonly Record<string, unknown>[] {
    return this.#shape ? this.#shape(object) : [object];
  }

  #take(object: Record<string, unknown>, line: number): void {
    const rows = this.#rows(object);
    this.#counter.report.lines += rows.length - 1;
    for (const row of rows) {
      if (this.#learn(row)) this.#tell([row], false);
      this.#sink.row(this.#cells(row), line);
    }
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
    const objects = held.map(({ row }) => row);
    this.#shape = rowShape(objects, this.#needed);
    const sample = objects.flatMap((object) => this.#rows(object));
    for (const row of sample) this.#learn(row);
    this.#tell(sample, isComplete);
    for (const { row, line } of held) this.#take(row, line);
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
