import type { DuckDBAppender, DuckDBDataChunk } from '@duckdb/node-api';
import type { FeedbackSummary } from '../../data/feedback.ts';
import { type CollectOptions, RowCollector, type RowRules } from '../../data/rowCollector.ts';
import { type Database, duckdbFault } from './database.ts';

/** A vector of numbers, as far as it is used here. */
interface NumberVector {
  readonly items: Int32Array | Float32Array | Float64Array;
  setItem(index: number, value: number | null): void;
  flush(): void;
}

/** What is known once all rows are there. */
export interface Collected extends RowRules {
  /** rows that are interactions */
  readonly rows: number;
  readonly summary: FeedbackSummary | null;
  /** users that stay, whether or not they like anything */
  readonly registered: readonly number[];
}

/** Rows in one piece; DuckDB takes no more at a time. */
const PIECE = 2048;

/**
 * Keeps rows in the table `rows` (n, u, i, v, t): the number of the row, indices of user and item, number and time, the
 * last two NULL where there are none.
 */
export class DuckdbCollector extends RowCollector {
  readonly #database: Database;
  readonly #memoryMb: number;
  readonly #appender: DuckDBAppender;
  #piece: DuckDBDataChunk;
  #vectors: NumberVector[];
  #at = 0;

  private constructor(
    database: Database,
    memoryMb: number,
    appender: DuckDBAppender,
    options: CollectOptions,
  ) {
    super(options);
    this.#database = database;
    this.#memoryMb = memoryMb;
    this.#appender = appender;
    [this.#piece, this.#vectors] = this.#emptyPiece();
  }

  static async open(database: Database, memoryMb: number, options: CollectOptions): Promise<DuckdbCollector> {
    await database.value('CREATE TABLE rows (n DOUBLE, u INTEGER, i INTEGER, v FLOAT, t DOUBLE)');
    const appender = await database.connection.createAppender('rows');
    return new DuckdbCollector(database, memoryMb, appender, options);
  }

  protected keep(user: number, item: number, value: number, time: number): void {
    const at = this.#at++;
    const [n, u, i, v, t] = this.#vectors;
    n.items[at] = this.length;
    u.items[at] = user;
    i.items[at] = item;
    v.setItem(at, Number.isNaN(value) ? null : value);
    t.setItem(at, Number.isNaN(time) ? null : time);
    if (this.#at === PIECE) this.#append();
  }

  /** Hands the last rows on. @throws {DataError} as `RowCollector.rules` */
  close(): Collected {
    if (this.#at > 0) this.#append();
    try {
      this.#appender.closeSync();
    } catch (error) {
      throw duckdbFault(error, this.#memoryMb);
    }
    const rules = this.rules();
    return {
      ...rules,
      rows: this.length - rules.absent,
      summary: this.summary(rules.kind),
      registered: this.registered,
    };
  }

  #append(): void {
    try {
      for (const vector of this.#vectors) vector.flush();
      if (this.#at < PIECE) this.#piece.rowCount = this.#at;
      this.#appender.appendDataChunk(this.#piece);
    } catch (error) {
      throw duckdbFault(error, this.#memoryMb);
    }
    this.#at = 0;
    [this.#piece, this.#vectors] = this.#emptyPiece();
  }

  #emptyPiece(): [DuckDBDataChunk, NumberVector[]] {
    const { DuckDBDataChunk, DOUBLE, INTEGER, FLOAT } = this.#database.module;
    const piece = DuckDBDataChunk.create([DOUBLE, INTEGER, INTEGER, FLOAT, DOUBLE], PIECE);
    const vectors = [0, 1, 2, 3, 4].map((n) => piece.getColumnVector(n) as unknown as NumberVector);
    return [piece, vectors];
  }
}
