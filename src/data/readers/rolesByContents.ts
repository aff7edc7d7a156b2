import type { Cell } from './cells.ts';
import { isMissing } from './cells.ts';
import { hasDecimals, holdsEventWords } from './eventColumn.ts';
import { feedbackNumbers } from './feedbackColumn.ts';
import { orderOfIds } from './idOrder.ts';
import type { NamedColumns, ReadRole, Roles, Table } from './roles.ts';
import { looksLikeTimes } from './timeColumn.ts';
import { areClocks } from './timeParts.ts';

/** The roles in a file without a header, by what the columns hold. */
export function byContents(
  { names, sample, decimalComma }: Table,
  found: Record<ReadRole, number>,
  named: NamedColumns,
): Omit<Roles, 'kind' | 'notEvents' | 'timeParts'> {
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
  const ids = free().filter((n) => !areFractions(column(n)) && !areMarks(column(n)) && !areClocks(column(n)));
  const isFree = roles.user === -1 && roles.item === -1 && ids.length > 1;
  const order = isFree ? orderOfIds(column(ids[0]), column(ids[1])) : 'told';
  const swapped = order === 'items first';
  if (roles.user === -1) roles.user = ids[swapped ? 1 : 0] ?? -1;
  const rest = free().filter((n) => ids.includes(n));
  // Another column with more values in the sample than ratings have, and no numbers of feedback.
  const mayBeItems = rest.slice(1).filter((n) => areManyIds(column(n)));
  if (roles.item === -1)
    roles.item = isConstant(column(rest[0])) ? (mayBeItems[0] ?? rest[0]) : (rest[0] ?? -1);
  const others = roles.item === rest[0] ? mayBeItems : [];
  const isGuess = order === null;
  if (roles.rating !== -1 || named.ratingColumn === null) return { ...roles, doubtful: [], others, isGuess };
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
  return {
    ...roles,
    rating: isClear ? candidates[0] : -1,
    doubtful: isClear ? [] : (candidates ?? []),
    others,
    isGuess,
  };
}

const MOST_RATINGS = 20;

function isConstant(cells: readonly Cell[]): boolean {
  return new Set(cells.map(String)).size === 1;
}

/** Whether cells differ as ids of items do, more than ratings or categories. */
function areManyIds(cells: readonly Cell[]): boolean {
  return new Set(cells.map(String)).size > MOST_RATINGS;
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
