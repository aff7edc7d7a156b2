import { type Cell, cellText, isMissing } from './cells.ts';
import { isNameOf, plainName } from './columnNames.ts';
import { ROLE_WORDS } from './columnWords.ts';
import type { Table } from './roles.ts';
import { dateTime } from './times.ts';

/** Columns whose cells make a time together. */
export interface TimeParts {
  readonly columns: readonly number[];
  /** the time of a row in one cell; '' where a part is missing */
  join(cells: readonly Cell[]): string;
}

type Part = 'year' | 'month' | 'day' | 'week' | 'hour' | 'minute' | 'second';

const NAMES: Readonly<Record<Part, string>> = {
  year: 'year yr jahr annee ano anno jaar rok год 年',
  month: 'month mon monat mois mes mese maand miesiac месяц 月',
  day: 'day dayofmonth monthday tag jour dia giorno dag dzien день 日',
  week: 'week weekno weeknr weeknumber weekofyear isoweek kw kalenderwoche woche semaine semana settimana неделя 周',
  hour: 'hour hours hr stunde heure hora ora uur час 时',
  minute: 'minute minutes min',
  second: 'second seconds sec',
};
const FORMS: Readonly<Record<Part, RegExp>> = {
  year: /^(19|20)\d\d(\.0+)?$/,
  month: /^(0?[1-9]|1[0-2])(\.0+)?$|^\p{L}{3,12}\.?$/u,
  day: /^(0?[1-9]|[12]\d|3[01])(\.0+)?$/,
  week: /^[Ww]?(0?[1-9]|[1-4]\d|5[0-3])(\.0+)?$/,
  hour: /^([01]?\d|2[0-4])(\.0+)?$/,
  minute: /^[0-5]?\d(\.0+)?$/,
  second: /^([0-5]?\d|60)(\.\d+)?$/,
};
const PARTS = Object.keys(NAMES) as Part[];
const WORDS = new Map(PARTS.map((part) => [part, NAMES[part].split(' ').map(plainName)]));
const OCCASIONS = ['', ...ROLE_WORDS.timestamp.occasions!.split(' ')];
/** A time of day. */
const CLOCK = /^([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d([.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?$/;
/** The same with seconds, which a length such as 4:35 does not have. */
const LONG_CLOCK = /^([01]?\d|2[0-4]):[0-5]\d:[0-5]\d/;

/**
 * The columns of a time that stands in several: a year with a month and a day, or with a week; a date beside a time of
 * day. Null where there are none.
 *
 * @param timestamp the column that was found for the time; −1 for none
 */
export function timeParts(table: Table, timestamp: number): TimeParts | null {
  if (timestamp !== -1) return dateAndClock(table, timestamp);
  if (!table.hasHeader) return null;
  for (const occasion of OCCASIONS) {
    const found = partsOf(table, occasion);
    if (found) return found;
  }
  return null;
}

/** Whether a column without a name holds times of day. */
export function areClocks(cells: readonly Cell[]): boolean {
  return fits(cells, LONG_CLOCK) && fits(cells, CLOCK);
}

/** Whether cells under a name for a time are times of day. */
export function areTimesOfDay(cells: readonly Cell[]): boolean {
  return fits(cells, CLOCK);
}

/** A year and what is told within it, by columns that are called so, alike of an occasion: order_year, order_month. */
function partsOf({ names, sample }: Table, occasion: string): TimeParts | null {
  const plain = names.map(plainName);
  const find = (part: Part): number =>
    plain.findIndex(
      (name, n) =>
        WORDS.get(part)!.some((word) => name === occasion + word || name === word + occasion) &&
        fits(
          sample.map((row) => row[n]),
          FORMS[part],
        ),
    );
  const year = find('year');
  if (year === -1) return null;
  const [month, week] = [find('month'), find('week')];
  if (month === -1)
    return week === -1 ? null : { columns: [year, week], join: (cells) => weekOf(cells[year], cells[week]) };
  const day = find('day');
  if (day === -1) return { columns: [year, month], join: (cells) => dateOf(cells[year], cells[month], '1') };
  const clock = hoursOf(find);
  const columns = [year, month, day, ...clock];
  return {
    columns,
    join(cells) {
      const date = dateOf(cells[year], cells[month], cells[day]);
      return date === '' || clock.length === 0 ? date : `${date} ${clockOf(clock.map((n) => cells[n]))}`;
    },
  };
}

/** Hours, minutes and seconds, as many of them as follow one another. */
function hoursOf(find: (part: Part) => number): number[] {
  const found = [find('hour'), find('minute'), find('second')];
  const end = found.indexOf(-1);
  return end === -1 ? found : found.slice(0, end);
}

function dateAndClock({ names, hasHeader, sample }: Table, date: number): TimeParts | null {
  const column = (n: number) => sample.map((row) => row[n]);
  if (!areDays(column(date))) return null;
  const clock = names.findIndex((name, n) => {
    if (n === date) return false;
    return hasHeader ? isNameOf('timestamp', name) && fits(column(n), CLOCK) : areClocks(column(n));
  });
  if (clock === -1) return null;
  const join = (cells: readonly Cell[]) => {
    const [day, time] = [textOf(cells[date]), textOf(cells[clock])];
    return day === '' || time === '' ? day : `${day} ${time}`;
  };
  return { columns: [date, clock], join };
}

/** Whether cells are dates without a time of day. */
function areDays(cells: readonly Cell[]): boolean {
  const present = cells.filter((cell) => !isMissing(cell));
  const isDay = (cell: Cell) => {
    const text = typeof cell === 'string' ? cell.trim() : '';
    if (text === '' || text.includes(':') || /^-?\d+(\.\d+)?$/.test(text)) return false;
    return !('problem' in dateTime(text, 'dmy')) || !('problem' in dateTime(text, 'mdy'));
  };
  return present.length > 0 && present.filter(isDay).length >= 0.9 * present.length;
}

/** Whether nearly all cells have a form. */
function fits(cells: readonly Cell[], form: RegExp): boolean {
  const present = cells.filter((cell) => !isMissing(cell)).map(textOf);
  return present.length > 0 && present.filter((text) => form.test(text)).length >= 0.9 * present.length;
}

function textOf(cell: Cell): string {
  return isMissing(cell) ? '' : cellText(cell).trim();
}

/** Digits without the `.0` that pandas adds to a column with holes, two of them. */
function digits(cell: Cell): string {
  return textOf(cell).replace(/\.0+$/, '').padStart(2, '0');
}

function dateOf(year: Cell, month: Cell, day: Cell): string {
  if (isMissing(year) || isMissing(month) || isMissing(day)) return '';
  const isNamed = /^\p{L}/u.test(textOf(month));
  return isNamed
    ? `${digits(day)} ${textOf(month)} ${digits(year)}`
    : `${digits(year)}-${digits(month)}-${digits(day)}`;
}

function weekOf(year: Cell, week: Cell): string {
  if (isMissing(year) || isMissing(week)) return '';
  return `${digits(year)}-W${digits(textOf(week).replace(/^w/i, ''))}`;
}

function clockOf(cells: readonly Cell[]): string {
  const [hour, minute = '0', second] = cells.map((cell) => (isMissing(cell) ? '0' : cell));
  const seconds = second === undefined ? '' : `:${textOf(second).padStart(2, '0')}`;
  return `${digits(hour)}:${digits(minute)}${seconds}`;
}
