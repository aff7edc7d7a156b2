import { areCounted } from './baskets.ts';
import { isNameOf } from './columnNames.ts';
import type { Sample } from './dialect.ts';
import type { TableHints } from './formats.ts';
import { parseJson } from './jsonLines.ts';
import { arePairs, hasRepeatedFirsts, listVerdict } from './lightgcn.ts';

/** Whether a line is an object of JSON. */
export function isObjectText(line: string): boolean {
  if (!/^\s*\{/.test(line)) return false;
  try {
    parseJson(line);
    return true;
  } catch {
    return false;
  }
}

/** Whether an object may be a table as a whole: it has nothing but lists, objects or texts, or one list of objects. */
export function holdsLists(line: string): boolean {
  const values = Object.values(parseJson(line) as object);
  const isNested = (value: unknown) => typeof value === 'object' && value !== null;
  const isRows = (value: unknown) => Array.isArray(value) && value.length > 1 && value.every(isNested);
  const areTexts = values.every((value) => typeof value === 'string');
  return values.length > 0 && (areTexts || values.every(isNested) || values.filter(isRows).length === 1);
}

/** Whether lines are lists that begin with their length, and nobody says otherwise. */
export function isCountedLists(sample: Sample, { delimiter, header, named }: TableHints): boolean {
  return delimiter === undefined && header === undefined && named.length === 0 && areCounted(sample);
}

/** Whether the first line is a header of RecBole. */
export function isTyped({ lines: [first] }: Sample): boolean {
  const cells = first.split(/[\t,;| ]+/).map((cell) => cell.trim());
  return cells.length > 0 && cells.every((cell) => /^.+:(token|token_seq|float|float_seq)$/.test(cell));
}

/** Whether no other delimiter than blanks is in the lines. */
export function isAllBlanks({ lines }: Sample): boolean {
  return !lines.some((line) => line.includes('\u0001') || /[,;|:"^]/.test(line));
}

/** Whether lines are lists of numbers, a user and items, and nobody says otherwise. */
export function isLists(sample: Sample, hints: TableHints): boolean {
  const { delimiter, header, named } = hints;
  const isComment = /^[#%]/.test(sample.lines[0]);
  if (delimiter !== undefined || header !== undefined || named.length > 0 || isComment) return false;
  if (arePairs(sample)) return !hasRepeatedFirsts(sample);
  return isAllBlanks(sample) && !hasNames(sample, hints) && listVerdict(sample) === 'lists';
}

/** Whether the first line has a name that columns bear. */
export function hasNames({ lines: [first] }: Sample, { roles }: TableHints): boolean {
  return first
    .trim()
    .split(/[ \t,;|]+/)
    .some((cell) => roles.some((role) => isNameOf(role, cell)));
}
