import { checkArgument, TEXT } from '../../options/arguments.ts';
import { dotNetMilliseconds, rewrittenDate } from './looseDates.ts';
import { monthOf } from './monthNames.ts';

/**
 * In which order a date in numbers alone has day, month and year: `dmy` 31/12/2020, `mdy` 12/31/2020.
 *
 * @example
 * const dateOrder: DateOrder = 'mdy';
 * const { interactions } = await readInteractions('user,item,date\na,x,03/04/2024\n', { dateOrder });
 * new Date(1000 * interactions.timestamps![0]).getUTCMonth(); // → 2
 */
export type DateOrder = 'dmy' | 'mdy';

/**
 * All values of `DateOrder`: which of day, month and year comes first in a date.
 *
 * @example
 * DATE_ORDERS; // → ['dmy', 'mdy']
 */
export const DATE_ORDERS: readonly DateOrder[] = ['dmy', 'mdy'];

/** What a point in time was written as. */
export type TimeUnit =
  | 'seconds'
  | 'milliseconds'
  | 'microseconds'
  | 'nanoseconds'
  | 'dates'
  | 'days since 1900';

/** Seconds since 1970 in UTC, with what it was written as; otherwise what is wrong with it. */
export type ReadTime = { readonly seconds: number; readonly unit: TimeUnit } | { readonly problem: string };

/**
 * A number as a time, by its size: below 10¹¹ seconds (until the year 5138), below 10¹⁴ milliseconds, below 10¹⁷
 * microseconds, above nanoseconds.
 */
export function numericTime(value: number): ReadTime {
  const size = Math.abs(value);
  if (!(size < 1e20)) return { problem: 'expected a time, received a number beyond all dates' };
  if (size < 1e11) return { seconds: value, unit: 'seconds' };
  if (size < 1e14) return { seconds: value / 1e3, unit: 'milliseconds' };
  if (size < 1e17) return { seconds: value / 1e6, unit: 'microseconds' };
  return { seconds: value / 1e9, unit: 'nanoseconds' };
}

const CLOCK = String.raw`(?:[T\s,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?)?`;
const ZONE = String.raw`\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${CLOCK}${ZONE}$`);
const COMPACT =
  /^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})(?:\.(\d{1,9}))?|T(\d{2})(\d{2}))?(Z|[+-]\d{2}:?\d{2})?$/;
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})${CLOCK}${ZONE}$`);
/** Amazon's `09 13, 2009` */
const MONTH_DAY_COMMA = /^(\d{1,2}) (\d{1,2}), (\d{4})$/;
const DAY_NAME = /^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+/i;
/** `13 Sep 2009`, `13-Sep-2009 10:00` */
const DAY_MONTH = new RegExp(
  String.raw`^(\d{1,2})(?:st|nd|rd|th)?[-\s](\p{L}{3,12})\.?,?[-\s](\d{4}|\d{2})${CLOCK}${ZONE}$`,
  'u',
);
/** `Sep 13, 2009` */
const MONTH_DAY = new RegExp(
  String.raw`^(\p{L}{3,12})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})${CLOCK}${ZONE}$`,
  'u',
);
/** `Sep 13 10:00:00 -0700 2009`, as C and Twitter write it */
const YEAR_AT_END = new RegExp(String.raw`^(\p{L}{3,4})\s+(\d{1,2})${CLOCK}${ZONE}\s+(\d{4})$`, 'u');
const UNCLEAR = 'whose order of day and month no other date tells: pass dateOrder (--date-order), dmy or mdy';
const MOST_CHARACTERS = 100;

/**
 * A date as text: ISO 8601, SQL, RFC 5322 and C's ctime, with months by name or number. Without a zone it is UTC.
 * Nothing is left to `Date.parse`, which differs by engine and takes the zone of the machine.
 *
 * @param order of day and month where neither is above 12
 * @param takesReduced whether a week, a day of the year and a month are dates, too: their beginning
 */
export function dateTime(text: string, order: DateOrder | null, takesReduced = false): ReadTime {
  const time = knownDate(text, order);
  if (time !== null) return time;
  const milliseconds = dotNetMilliseconds(text);
  if (milliseconds !== null) return numericTime(milliseconds);
  const rewritten = rewrittenDate(text, takesReduced);
  return (rewritten !== null && knownDate(rewritten, order)) || { problem: 'expected a date or a number' };
}

/** Null for text of none of the forms. */
function knownDate(text: string, order: DateOrder | null): ReadTime | null {
  const plain = text.length > MOST_CHARACTERS ? '' : text.trim().replace(DAY_NAME, '');
  const parts =
    yearFirst(plain) ??
    compactDate(plain) ??
    yearLast(plain, order) ??
    monthByName(plain) ??
    monthDayComma(plain);
  if (parts === null) return null;
  if ('problem' in parts) return parts;
  const seconds = partsToSeconds(parts);
  return seconds === null ? { problem: 'expected a date that the calendar has' } : { seconds, unit: 'dates' };
}

/**
 * Seconds since 1970 of a date or a number as text, as the readers take it; null if it is neither.
 *
 * @example
 * secondsOf('2024-01-12T10:15:00Z'); // → 1705054500
 */
export function secondsOf(text: string): number | null {
  checkArgument(TEXT, text, 'text', 'secondsOf');
  const number =
    /^-?\d{1,20}(\.\d{1,9})?$/.test(text.trim()) && !isCompactDate(text.trim()) ? Number(text) : null;
  const time = number === null ? dateTime(text, null) : numericTime(number);
  return 'problem' in time ? null : time.seconds;
}

/** Whether a date in numbers alone tells its order: a day above 12 does. */
export function orderOf(text: string): DateOrder | null {
  const match = text.length > MOST_CHARACTERS ? null : YEAR_LAST.exec(text.trim());
  if (!match) return null;
  if (match[2] === '.') return 'dmy';
  if (Number(match[1]) > 12) return 'dmy';
  return Number(match[3]) > 12 ? 'mdy' : null;
}

/** Whether digits are a date without marks, `20140131` or `20140131235959`. */
export function isCompactDate(text: string): boolean {
  const parts = /^\d+$/.test(text) ? compactDate(text) : null;
  if (parts === null || partsToSeconds(parts) === null) return false;
  return Number(parts.year) >= 1900 && Number(parts.year) <= 2100;
}

interface Parts {
  readonly year: string;
  readonly month: number;
  readonly day: string;
  /** hour, minute, second, fraction, am or pm */
  readonly clock: readonly (string | undefined)[];
  readonly zone?: string;
}

function yearFirst(text: string): Parts | null {
  const match = YEAR_FIRST.exec(text);
  if (!match) return null;
  const [, year, , month, day, ...rest] = match;
  return { year, month: Number(month), day, clock: rest.slice(0, 5), zone: rest[5] };
}

function compactDate(text: string): Parts | null {
  const match = COMPACT.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction, shortHour, shortMinute, zone] = match;
  const clock = [hour ?? shortHour, minute ?? shortMinute, second, fraction];
  return { year, month: Number(month), day, clock, zone };
}

function yearLast(text: string, order: DateOrder | null): Parts | { problem: string } | null {
  const match = YEAR_LAST.exec(text);
  if (!match) return null;
  const [, first, , second, year, ...rest] = match;
  const told = orderOf(text) ?? order;
  if (told === null) return { problem: UNCLEAR };
  const [day, month] = told === 'dmy' ? [first, second] : [second, first];
  return { year: fullYear(year), month: Number(month), day, clock: rest.slice(0, 5), zone: rest[5] };
}

function monthByName(text: string): Parts | null {
  const dayMonth = DAY_MONTH.exec(text);
  if (dayMonth) {
    const [, day, month, year, ...rest] = dayMonth;
    return namedMonth(month, { year: fullYear(year), day, clock: rest.slice(0, 5), zone: rest[5] });
  }
  const monthDay = MONTH_DAY.exec(text);
  if (monthDay) {
    const [, month, day, year, ...rest] = monthDay;
    return namedMonth(month, { year, day, clock: rest.slice(0, 5), zone: rest[5] });
  }
  const atEnd = YEAR_AT_END.exec(text);
  if (!atEnd) return null;
  const [, month, day, ...rest] = atEnd;
  return namedMonth(month, { year: rest[6]!, day, clock: rest.slice(0, 5), zone: rest[5] });
}

/** Null for a word that is no month. */
function namedMonth(name: string, parts: Omit<Parts, 'month'>): Parts | null {
  const month = monthOf(name);
  return month === 0 ? null : { ...parts, month };
}

function monthDayComma(text: string): Parts | null {
  const match = MONTH_DAY_COMMA.exec(text);
  return match && { year: match[3], month: Number(match[1]), day: match[2], clock: [] };
}

/** Two digits as POSIX has them: 69–99 are 1969–1999, 00–68 are 2000–2068. */
function fullYear(year: string): string {
  if (year.length !== 2) return year;
  return Number(year) >= 69 ? `19${year}` : `20${year}`;
}

/** Seconds since 1970; null for a date or a time of day that there is none of. */
function partsToSeconds({ year, month, day, clock, zone }: Parts): number | null {
  const [hour = '0', minute = '0', second = '0', fraction = '0', half] = clock;
  const [y, d, m, s] = [Number(year), Number(day), Number(minute), Number(second)];
  let h = Number(hour);
  if (half) {
    if (h < 1 || h > 12) return null;
    h = (h % 12) + (/^p/i.test(half) ? 12 : 0);
  }
  const at = new Date(Date.UTC(2000, month - 1, d));
  at.setUTCFullYear(y, month - 1, d);
  const isOfCalendar =
    month >= 1 && at.getUTCFullYear() === y && at.getUTCMonth() === month - 1 && at.getUTCDate() === d;
  // 24:00 ends a day, and :60 is a leap second.
  if (!isOfCalendar || h > 24 || (h === 24 && m + s > 0) || m > 59 || s > 60) return null;
  return at.getTime() / 1000 + 3600 * h + 60 * m + s + Number(`0.${fraction}`) - zoneSeconds(zone);
}

function zoneSeconds(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '');
  if (!match) return 0;
  const size = 3600 * Number(match[2]) + 60 * Number(match[3] ?? '0');
  return match[1] === '-' ? -size : size;
}
