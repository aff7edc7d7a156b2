import { type Cell, cellNumber, isMissing } from './cells.ts';
import { looksLikeTimes } from './timeColumn.ts';

type Records = readonly (readonly string[])[];

/** Fewer rows do not tell what their columns hold. */
const FEWEST_ROWS = 3;

/**
 * Whether a line below the header says once more what the columns hold, as data types, ranges (1-5) or strokes: each
 * cell does, or words stand above all columns of numbers, of which there are several.
 */
export function isSecondHeader(record: readonly string[], rows: Records): boolean {
  if (rows.length < FEWEST_ROWS) return false;
  const cells = record.map((cell) => cell.trim());
  const present = cells.filter((cell) => cell !== '');
  if (present.length > 1 && present.every((cell) => TYPE.test(cell) || RANGE.test(cell) || STROKE.test(cell)))
    return true;
  const numeric = cells.map((_, n) => n).filter((n) => isNumericColumn(rows.map((row) => row[n])));
  return numeric.length > 1 && numeric.every((n) => isWord(cells[n]));
}

const TYPE =
  /^(id|str|string|text|n?(var)?char|u?int(eger)?\d*|bigint|smallint|tinyint|long|short|float\d*|double|decimal|numeric|number|real|date|datetime\d*|time|timestamp|bool(ean)?|object|category|token|uuid|uniqueidentifier|unix|seconds)\s*(\([\d, ]*\))?$/i;
const RANGE = /^[[(]?-?\d+(\.\d+)?\s*(-|–|—|to|\.{2,3}|…)\s*-?\d+(\.\d+)?[\])]?$/i;
const STROKE = /^[-=:_+]{2,}$/;

/**
 * Whether a first line is the numbers of the columns, 0, 1, 2 … or 1, 2, 3 … or −1, −2, −3 …, as programs write them that
 * have no names: some of it stands above a column that holds no such numbers.
 */
export function areColumnNumbers(cells: readonly string[], rows: Records): boolean {
  const [first, second] = cells;
  const isCounting =
    cells.length > 1 &&
    cells.every((cell, n) => cell === `${Number(first) + n * Math.sign(Number(second) - Number(first))}`) &&
    ['0', '1', '-1'].includes(first) &&
    Number(first) < 0 === Number(second) < 0;
  if (!isCounting || rows.length < FEWEST_ROWS) return false;
  return cells.some((cell, n) => {
    const column = rows.map((row) => row[n]).filter((below) => !isMissing(below));
    if (column.length === 0) return false;
    if (Number(cell) < 0) return !column.some((below) => below.trim().startsWith('-'));
    return looksLikeTimes(column) || column.every((below) => isWord(below.trim()));
  });
}

/** Whether a cell is neither missing nor a number nor a time. */
export function isWord(cell: string): boolean {
  return !isMissing(cell) && !isNumeric(cell);
}

/** Whether a cell is a number or a time. */
export function isNumeric(cell: string): boolean {
  return Number.isFinite(cellNumber(cell, true) ?? Number.NaN) || looksLikeTimes([cell]);
}

/** Whether nearly all cells are numbers or times. */
export function isNumericColumn(cells: readonly Cell[]): boolean {
  const present = cells.filter((cell) => !isMissing(cell));
  return (
    present.length > 0 && present.filter((cell) => isNumeric(String(cell))).length >= 0.9 * present.length
  );
}
