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
  /** what numbers of the column are */
  readonly #form: 'times' | 'dates' | 'days';

  /**
   * @param sample cells of the column, by which it is told whether 20140131 is a date, and in which order 01/02/2014
   *   has day and month
   * @param order the order, if the caller knows it
   */
  constructor(sample: readonly Cell[], order?: DateOrder) {
    const texts = sample.filter((cell) => !isMissing(cell)).map((cell) => String(cell).trim());
    this.#form = formOf(texts);
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
    if (this.#form !== 'times') return Number.NaN;
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
    const plain = text.trim();
    if (this.#form === 'days' && EXCEL_DAY.test(plain)) return excelTime(Number(plain.replace(',', '.')));
    if (EXCEL_ROUNDED.test(plain)) return { problem: 'a number that has lost digits' };
    if (this.#form === 'dates') return dateTime(withMarks(plain), this.#order, true);
    return NUMBER.test(plain) ? numericTime(Number(plain)) : dateTime(plain, this.#order, true);
  }
}

/** What numbers of a column are: dates without marks (20240131), days as Excel counts them, or times. */
function formOf(texts: readonly string[]): 'times' | 'dates' | 'days' {
  if (texts.length === 0) return 'times';
  if (
    texts.every((text) => isCompactDate(text) || YEAR_MONTH.test(text)) ||
    texts.every((text) => YEAR.test(text))
  )
    return 'dates';
  return texts.every((text) => EXCEL_DAY.test(text) && isExcelDay(Number(text.replace(',', '.'))))
    ? 'days'
    : 'times';
}

/** A time as Excel writes large numbers: 1.30E+12 */
const EXCEL_ROUNDED = /^\d\.\d{2}E\+\d{2}$/;
const YEAR = /^(19|20)\d\d$/;
const YEAR_MONTH = /^(19|20)\d\d(0[1-9]|1[0-2])$/;

/** A year or a year and a month in digits as a date; other text unchanged. */
function withMarks(text: string): string {
  if (YEAR.test(text)) return `${text}-01-01`;
  return YEAR_MONTH.test(text) ? `${text.slice(0, 4)}-${text.slice(4)}-01` : text;
}

const EXCEL_DAY = /^\d{5}([.,]\d{1,15})?$/;
/** 1970-01-01 in days as Excel counts them, from 1900 with a 29th of February that was none. */
const EXCEL_1970 = 25_569;

/** Between 1990 and 2050, beyond which numbers of five digits are more likely something else. */
function isExcelDay(days: number): boolean {
  return days >= 32_874 && days < 54_789;
}

function excelTime(days: number): ReadTime {
  // To the millisecond, which is what a fraction of a day in Excel's digits holds.
  const seconds = Math.round((days - EXCEL_1970) * 86_400_000) / 1000;
  return { seconds, unit: 'days since 1900' };
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
