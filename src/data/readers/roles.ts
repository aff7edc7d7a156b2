import { DataError, type OptionError, shown } from '../../errors.ts';
import { didYouMean } from '../../options/nearest.ts';
import type { FeedbackKind } from '../feedback.ts';
import { type Cell, isMissing } from './cells.ts';
import { type ColumnRole, columnsFor, kindByName, plainName } from './columnNames.ts';
import { holdsEvents, isEventName, kindsOf } from './eventColumn.ts';
import { byContents } from './rolesByContents.ts';
import { areTimesOfDay, type TimeParts, timeParts } from './timeParts.ts';
import { dateTime } from './times.ts';

/**
 * A column by its name, or by its number from 1 where no column bears that name.
 *
 * @example
 * const [userColumn, itemColumn]: ColumnName[] = ['who', 2];
 * const { interactions } = await readInteractions('who,what\na,x\nb,x\n', { userColumn, itemColumn });
 */
export type ColumnName = string | number;

/** The columns of a table with the beginning of its rows. */
export interface Table {
  /** stands in messages */
  readonly name: string;
  readonly names: readonly string[];
  readonly hasHeader: boolean;
  readonly sample: readonly (readonly Cell[])[];
  /** whether `4,5` is a number */
  readonly decimalComma: boolean;
}

/** Which columns hold what; −1 for none. */
export interface Roles {
  readonly user: number;
  readonly item: number;
  readonly rating: number;
  readonly timestamp: number;
  /** where a time stands in several columns, of which `timestamp` is the first; else null */
  readonly timeParts: TimeParts | null;
  /** the kinds of events */
  readonly event: number;
  /** columns that bear a name of events and hold other words, which are not read */
  readonly notEvents: readonly number[];
  /** what the ratings' column means by its name; null where that does not tell */
  readonly kind: FeedbackKind | null;
  /** columns of a file without a header that may be the rating, where several may */
  readonly doubtful: readonly number[];
  /** columns of a file without a header that may be the item, beside the one that was taken */
  readonly others: readonly number[];
  /** whether users are taken to stand before items because nothing tells which is which */
  readonly isGuess: boolean;
}

/**
 * Columns by name, where they are not the first of their kind that a reader knows.
 *
 * @example
 * const columns: NamedColumns = { userColumn: 1, itemColumn: 3, ratingColumn: null };
 * const { interactions } = await readInteractions('a,5,x\nb,4,x\n', columns);
 */
export interface NamedColumns {
  readonly userColumn?: ColumnName;
  readonly itemColumn?: ColumnName;
  readonly ratingColumn?: ColumnName | null;
  readonly timestampColumn?: ColumnName | null;
  readonly eventColumn?: ColumnName | null;
}

/**
 * The column that the caller names: by its name exactly as written, else by its number.
 *
 * @returns undefined if there is none
 * @throws {DataError} if the column stands twice in the header
 */
export function namedColumn({ name, names }: Table, asked: ColumnName): number | undefined {
  const index = typeof asked === 'number' ? asked - 1 : names.indexOf(asked);
  if (index !== -1 && typeof asked !== 'number') assertOnce(name, names, index);
  if (names[index] !== undefined) return index;
  const number = typeof asked === 'string' && /^\d+$/.test(asked) ? Number(asked) : 0;
  return number >= 1 && number <= names.length ? number - 1 : undefined;
}

function assertOnce(where: string, names: readonly string[], index: number): void {
  if (names.indexOf(names[index], index + 1) === -1) return;
  const problem = `the header has the column ${shown(names[index])} twice`;
  throw new DataError(where, problem, 'Rename one of them, or name the column by its number');
}

/**
 * The columns of interactions: those that the caller names; of the others, in a file with a header those that bear a
 * known name, in one without the columns whose contents fit, users before items.
 *
 * @param isComplete whether these are all columns there will be; in JSON lines ratings and times may come later
 * @throws {DataError} if a needed or named column is not there, listing those that are
 */
export function rolesOf(table: Table, named: NamedColumns, isComplete: boolean): Roles {
  const find = (role: ReadRole): number => {
    const asked = named[`${role}Column`];
    if (asked === null) return -1;
    const found = asked === undefined ? undefined : namedColumn(table, asked);
    const isNeeded = isComplete || role === 'user' || role === 'item';
    if (asked !== undefined && found === undefined && isNeeded) throw missingColumn(table, role, asked);
    if (asked !== undefined) return found ?? -1;
    const byName = table.hasHeader && role !== 'event' ? byNames(table, role) : -1;
    if (byName !== -1) assertOnce(table.name, table.names, byName);
    return byName;
  };
  const found = {
    user: find('user'),
    item: find('item'),
    rating: find('rating'),
    timestamp: find('timestamp'),
    event: find('event'),
  };
  // One name can be an id of either, as a handle can: where nothing tells which, it is neither.
  if (found.user === found.item && named.userColumn === undefined && named.itemColumn === undefined)
    found.user = -1;
  const roles = table.hasHeader
    ? { ...withEvents(table, found, named), doubtful: [], others: [], isGuess: false }
    : { ...byContents(table, found, named), notEvents: [] };
  const parts = named.timestampColumn === undefined ? timeParts(table, roles.timestamp) : null;
  if (roles.user === -1) throw missingColumn(table, 'user');
  if (roles.item === -1) throw missingColumn(table, 'item');
  const ratingName = roles.rating === -1 ? undefined : table.names[roles.rating];
  return {
    ...roles,
    timestamp: parts ? parts.columns[0] : roles.timestamp,
    timeParts: parts,
    kind: ratingName === undefined ? null : kindByName(ratingName),
  };
}

/** Fewer rows do not tell that a column is mostly empty. */
const FEWEST_ROWS = 10;

/**
 * The column that bears a name of the role; of users and items one that is mostly empty only if there is no other. A day
 * beside a month and a year is no time, nor is a week that does not name its year.
 */
function byNames({ names, sample }: Table, role: Exclude<ReadRole, 'event'>): number {
  const found = columnsFor(role, names);
  const hasParts = ['month', 'year'].every((part) => names.some((name) => plainName(name) === part));
  const isWholeTime = (name: string, index: number) => {
    if (name === 'day') return !hasParts;
    const texts = sample.map((row) => String(row[index]).trim());
    if (name === 'week') return texts.some((text) => !('problem' in dateTime(text, null, true)));
    // A time of day beside a date.
    return found.length === 1 || !areTimesOfDay(texts);
  };
  if (role === 'timestamp') {
    return found.find((index) => isWholeTime(plainName(names[index]), index)) ?? -1;
  }
  if (role === 'rating' || sample.length < FEWEST_ROWS) return found[0] ?? -1;
  const isFilled = (index: number) =>
    sample.filter((row) => isMissing(row[index])).length <= 0.5 * sample.length;
  return found.find(isFilled) ?? found[0] ?? -1;
}

/** Roles that columns are looked for. */
export type ReadRole = 'user' | 'item' | 'rating' | 'timestamp' | 'event';

/** The roles with that of events, which takes a name and known words or codes; two kinds of names are one column's. */
function withEvents(
  { names, sample }: Table,
  found: Record<ReadRole, number>,
  { eventColumn }: NamedColumns,
): Record<ReadRole, number> & Pick<Roles, 'notEvents'> {
  if (found.event !== -1 || eventColumn === null) return { ...found, notEvents: [] };
  const column = (index: number) => sample.map((row) => row[index]);
  const taken = Object.values(found);
  const candidates = names
    .map((_, n) => n)
    .filter((n) => !taken.includes(n) && isEventName(names[n]) && kindsOf(column(n)) !== null);
  const event = candidates.find((n) => holdsEvents(names[n], column(n))) ?? -1;
  return { ...found, event, notEvents: event === -1 ? candidates : [] };
}

/** The error for a column that is needed and not there. */
export function missingColumn(
  table: Table,
  role: ColumnRole | 'event',
  asked?: ColumnName,
): DataError | OptionError {
  const { name, names, hasHeader } = table;
  const option = `${role}Column`;
  if (!hasHeader) {
    const wanted = asked === undefined ? `a column for the ${role}` : `a column ${shown(asked)}`;
    const problem = `expected ${wanted}, found ${names.length} columns and no header`;
    return new DataError(name, problem, `Name the column by its number, 1 to ${names.length}`, option);
  }
  const wanted = asked === undefined ? `a column for the ${role}` : `a column ${shown(asked)}`;
  const found = listed(names);
  return new DataError(
    name,
    `expected ${wanted}, found the columns ${found}`,
    didYouMean(asked, names, `Name it with ${option}`),
    option,
  );
}

const MOST_LISTED = 30;

/** Names of columns for messages, of many the first. */
export function listed(names: readonly string[]): string {
  const some = names
    .slice(0, MOST_LISTED)
    .map((column) => JSON.stringify(column))
    .join(', ');
  return names.length > MOST_LISTED ? `${some} and ${names.length - MOST_LISTED} more` : some;
}
