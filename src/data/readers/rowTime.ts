import { shown } from '../../errors.ts';
import { type Cell, cellText } from './cells.ts';
import type { LineCounter } from './report.ts';
import { TimeColumn } from './timeColumn.ts';
import type { DateOrder } from './times.ts';

/** The time of a row, and what is said of those that cannot be read. */
export class RowTime {
  readonly #column: TimeColumn;
  readonly #isNeeded: boolean;
  readonly #counter: LineCounter;
  #missing = 0;

  /** @param isNeeded whether a row without a time is bad */
  constructor(
    sample: readonly Cell[],
    order: DateOrder | undefined,
    isNeeded: boolean,
    counter: LineCounter,
  ) {
    this.#column = new TimeColumn(sample, order);
    this.#isNeeded = isNeeded;
    this.#counter = counter;
  }

  /** Seconds since 1970, NaN for none; null if the row is bad for it. */
  read(cell: Cell, line: number): number | null {
    const time = this.#column.read(cell);
    if (typeof time === 'number') return time;
    if (time === null) {
      this.#missing++;
      if (!this.#isNeeded) return Number.NaN;
      this.#counter.bad(line, 'there is no timestamp, which an order by time needs', 'no timestamp');
      return null;
    }
    const reason = `the timestamp is ${shown(cellText(cell))}, ${time.problem}`;
    if (this.#isNeeded) this.#counter.bad(line, reason, 'unreadable timestamp');
    else this.#counter.unread(line, reason, 'unreadable timestamp');
    return this.#isNeeded ? null : Number.NaN;
  }

  /** As `TimeColumn.ofNumber`. */
  ofNumber(value: number): number {
    return this.#column.ofNumber(value);
  }

  /** How the times were written; several ways are noted, and rows without a time, if others have one. */
  describe(): string {
    const { units } = this.#column;
    if (this.#missing > 0 && units.size > 0 && !this.#isNeeded)
      this.#counter.note(
        `${this.#missing} rows have no time; an order by time refuses or leaves out such rows`,
        'order',
      );
    if (units.size > 1) {
      const counts = [...units].map(([unit, rows]) => `${rows} in ${unit}`).join(', ');
      this.#counter.note(`times are written in several ways (${counts}); all are read as seconds since 1970`);
    }
    return units.size > 0 ? `in ${[...units.keys()].join(' and ')}` : 'without a time';
  }
}
