import { type Cell, isMissing, unwrapped } from './cells.ts';
import {
  type DateOrder,
  dateTime,
  isCompactDate,
  numericTime,
  orderOf,
  type ReadTime,
  type TimeUnit,
} from './times.ts';

const NUMBER = /^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})(e[+-]?\d{1,3})?$/i;

/** Reads a column of times of any form as seconds since 1970, and counts what they were written as. */
export class TimeColumn {
  readonly #units = new Map<TimeUnit, number>();
  /** seconds that `ofNumber` has let through */
  #plainSeconds = 0;
  readonly #order: DateOrder | null;
  readonly #isCompact: boolean;

  /**
   * @param sample cells of the column, by which it is told whether 20140131 is a date, and in which order 01/02/2014
   *   has day and month
   * @param order the order, if the caller knows it
   */
  constructor(sample: readonly Cell[], order?: DateOrder) {
    const texts = sample.filter((cell) => !isMissing(cell)).map((cell) => String(cell).trim());
    this.#isCompact = texts.length > 0 && texts.every(isCompactDate);
    const told = new Set(texts.map(orderOf).filter((found) => found !== null));
    this.#order = order ?? (told.size === 1 ? [...told][0] : null);
  }

  /** Seconds since 1970, null if there is no value, or what is wrong, as an object. */
  read(cell: Cell): number | null | { problem: string } {
    if (isMissing(cell)) return null;
    const time = this.#parse(unwrapped(cell));
    return 'problem' in time ? time : this.#counted(time);
  }

  /** Seconds of a number; NaN for one that is a date or none. */
  ofNumber(value: number): number {
    if (this.#isCompact) return Number.NaN;
    if (value > -1e11 && value < 1e11) {
      this.#plainSeconds++;
      return value;
    }
    const time = numericTime(value);
    return 'problem' in time ? Number.NaN : this.#counted(time);
  }

  /** How many times were written as what. */
  get units(): ReadonlyMap<TimeUnit, number> {
    if (this.#plainSeconds === 0) return this.#units;
    const seconds = (this.#units.get('seconds') ?? 0) + this.#plainSeconds;
    return new Map<TimeUnit, number>([...this.#units, ['seconds', seconds]]);
  }

  #counted({ seconds, unit }: { readonly seconds: number; readonly unit: TimeUnit }): number {
    this.#units.set(unit, (this.#units.get(unit) ?? 0) + 1);
    return seconds;
  }

  #parse(cell: Cell): ReadTime {
    if (typeof cell === 'bigint') return numericTime(Number(cell));
    if (cell instanceof Date) {
      const seconds = cell.getTime() / 1000;
      return Number.isFinite(seconds) ? { seconds, unit: 'dates' } : { problem: 'expected a date' };
    }
    const text = typeof cell === 'number' ? String(cell) : cell;
    if (typeof text !== 'string') return { problem: 'expected a date or a number' };
    if (this.#isCompact && isCompactDate(text.trim())) return dateTime(text, null);
    return NUMBER.test(text.trim()) ? numericTime(Number(text)) : dateTime(text, this.#order);
  }
}

/** Whether nearly all cells of a sample are times, so that a column without a name may be one. */
export function looksLikeTimes(sample: readonly Cell[]): boolean {
  const present = sample.filter((cell) => !isMissing(cell));
  if (present.length === 0) return false;
  const times = present.filter((cell) => {
    const value = unwrapped(cell);
    if (value instanceof Date) return true;
    const text = String(value).trim();
    // Seconds since 1979, or the same in smaller units; smaller numbers are counts, ratings and ids.
    if (/^0\d/.test(text)) return false;
    if (NUMBER.test(text)) return Number(text) >= 2.8e8 && Number(text) < 2.1e18 && isPlausible(Number(text));
    return !('problem' in dateTime(text, 'dmy')) || !('problem' in dateTime(text, 'mdy'));
  });
  return times.length >= 0.9 * present.length;
}

/** Between 1979 and 2100 in one of the units. */
function isPlausible(value: number): boolean {
  const time = numericTime(value);
  return 'seconds' in time && time.seconds >= 2.8e8 && time.seconds < 4.2e9;
}
