import { DataError, type OptionError, shown } from '../../errors.ts';
import { didYouMean } from '../../options/nearest.ts';
import type { FeedbackKind } from '../feedback.ts';
import { type Cell, isMissing } from './cells.ts';
import { type ColumnRole, columnsFor, kindByName, plainName } from './columnNames.ts';
import { hasDecimals, holdsEvents, holdsEventWords, isEventName, kindsOf } from './eventColumn.ts';
import { feedbackNumbers } from './feedbackColumn.ts';
import { looksLikeTimes } from './timeColumn.ts';

/** A column by its name, or by its number from 1 where no column bears that name. */
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
  /** the kinds of events */
  readonly event: number;
  /** columns that bear a name of events and hold other words, which are not read */
  readonly notEvents: readonly number[];
  /** what the ratings' column means by its name; null where that does not tell */
  readonly kind: FeedbackKind | null;
  /** columns of a file without a header that may be the rating, where several may */
  readonly doubtful: readonly number[];
}

/** Columns by name, where they are not the first of their kind that a reader knows. */
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
    ? { ...withEvents(table, found, named), doubtful: [] }
    : { ...byContents(table, found, named), notEvents: [] };
  if (roles.user === -1) throw missingColumn(table, 'user');
  if (roles.item === -1) throw missingColumn(table, 'item');
  const ratingName = roles.rating === -1 ? undefined : table.names[roles.rating];
  return { ...roles, kind: ratingName === undefined ? null : kindByName(ratingName) };
}

/** Fewer rows do not tell that a column is mostly empty. */
const FEWEST_ROWS = 10;

/**
 * The column that bears a name of the role; of users and items one that is mostly empty only if there is no other. A day
 * beside a month and a year is no time.
 */
function byNames({ names, sample }: Table, role: Exclude<ReadRole, 'event'>): number {
  const found = columnsFor(role, names);
  if (role === 'timestamp') {
    const hasParts = ['month', 'year'].every((part) => names.some((name) => plainName(name) === part));
    return found.find((index) => !hasParts || plainName(names[index]) !== 'day') ?? -1;
  }
  if (role === 'rating' || sample.length < FEWEST_ROWS) return found[0] ?? -1;
  const isFilled = (index: number) =>
    sample.filter((row) => isMissing(row[index])).length <= 0.5 * sample.length;
  return found.find(isFilled) ?? found[0] ?? -1;
}

type ReadRole = 'user' | 'item' | 'rating' | 'timestamp' | 'event';

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

/** The roles in a file without a header, by what the columns hold. */
function byContents(
  { names, sample, decimalComma }: Table,
  found: Record<ReadRole, number>,
  named: NamedColumns,
): Omit<Roles, 'kind' | 'notEvents'> {
  const roles = { ...found };
  const column = (index: number) => sample.map((row) => row[index]);
  const free = () => names.map((_, n) => n).filter((n) => !Object.values(roles).includes(n));
  if (roles.timestamp === -1 && named.timestampColumn === undefined)
    roles.timestamp = free().findLast((n) => looksLikeTimes(column(n))) ?? -1;
  // Words of yes and no are feedback of their own.
  const areEvents = (n: number) => holdsEventWords(column(n)) && feedbackNumbers(column(n), false) === null;
  if (roles.event === -1 && named.eventColumn === undefined && names.length > 2)
    roles.event = free().find(areEvents) ?? -1;
  // Ids are no fractions, as coordinates and prices are.
  const ids = free().filter((n) => !areFractions(column(n)) && !areMarks(column(n)));
  const swapped = roles.user === -1 && roles.item === -1 && areItemsFirst(column(ids[0]), column(ids[1]));
  if (roles.user === -1) roles.user = ids[swapped ? 1 : 0] ?? -1;
  if (roles.item === -1) roles.item = free().find((n) => ids.includes(n)) ?? -1;
  if (roles.rating !== -1 || named.ratingColumn === null) return { ...roles, doubtful: [] };
  // A column of one number only tells nothing beside one whose numbers differ, and one of zeros nothing at all.
  const isZero = (n: number) => feedbackNumbers(column(n), false)?.every((value) => value === 0) ?? false;
  const left = free().filter((n) => !isZero(n));
  const varied = left.filter((n) => new Set(column(n).map(String)).size > 1);
  const first = (of: readonly number[], fits: typeof looksLikeRatings) =>
    of.filter((n) => fits(column(n), decimalComma));
  // Beside events whole numbers may be categories; hours have fractions.
  const isBesideEvents = roles.event !== -1;
  const candidates = [
    first(varied, isBesideEvents ? looksLikeHours : looksLikeRatings),
    first(isBesideEvents ? [] : varied, looksLikeCounts),
    first(isBesideEvents ? [] : left, looksLikeRatings),
  ].find((found) => found.length > 0);
  const isClear = candidates?.length === 1;
  return { ...roles, rating: isClear ? candidates[0] : -1, doubtful: isClear ? [] : (candidates ?? []) };
}

/** Amazon's ids of items and of reviewers, which stand in either order in its files of ratings. */
function areItemsFirst(first: readonly Cell[], second: readonly Cell[]): boolean {
  const all = (cells: readonly Cell[], form: RegExp) =>
    cells.length > 0 && cells.every((cell) => form.test(String(cell).trim()));
  return all(first, /^(B[0-9A-Z]{9}|\d{9}[\dX])$/) && all(second, /^A[0-9A-Z]{9,20}$/);
}

/** Signs between fields, such as an arrow. */
function areMarks(cells: readonly Cell[]): boolean {
  return cells.length > 0 && cells.every((cell) => /^[^\p{L}\p{N}]+$/u.test(String(cell).slice(0, 40)));
}

function areFractions(cells: readonly Cell[]): boolean {
  const present = cells.filter((cell) => !isMissing(cell));
  const fractions = present.filter((cell) => /^-?\d+\.\d*[1-9]\d*$/.test(String(cell).trim()));
  return fractions.length > 0.5 * present.length;
}

/** Numbers between −1 and 10, whole or with halves and quarters. */
function looksLikeRatings(cells: readonly Cell[], decimalComma: boolean): boolean {
  const numbers = feedbackNumbers(cells, decimalComma) ?? [Number.NaN];
  return numbers.every((value) => value >= -1 && value <= 10 && Number.isInteger(4 * value));
}

function looksLikeCounts(cells: readonly Cell[], decimalComma: boolean): boolean {
  const numbers = feedbackNumbers(cells, decimalComma);
  return numbers?.every((value) => value >= 0 && Number.isInteger(10 * value)) ?? false;
}

function looksLikeHours(cells: readonly Cell[], decimalComma: boolean): boolean {
  return looksLikeCounts(cells, decimalComma) && cells.some(hasDecimals);
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
