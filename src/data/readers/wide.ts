import { NO_RATING } from '../feedback.ts';
import { type Cell, isMissing } from './cells.ts';
import { namedFor } from './columnNames.ts';
import { delimiterName } from './dialect.ts';
import { FieldsReader } from './fields.ts';
import { fieldsHead } from './fieldsFormat.ts';
import type { FormatInput } from './formats.ts';
import { namedColumn } from './roles.ts';
import { areRowNames, matrixNumber } from './rowShape.ts';

const MOST_RATING = 10;

/**
 * Reads a matrix: a row a user, a column an item, in each cell a number. Users have the id of the first column that is
 * named for one or holds a different text in each row, else the number of their row; items the names of the columns. No
 * interaction are blank cells, 0 where no number is below it, and 99 beside numbers of at most 10.
 */
export async function readWide(input: FormatInput): Promise<string> {
  const { blocks, sink, counter, hints } = input;
  const { dialect, columns, rows, lastHeaderLine } = fieldsHead(input);
  const { names } = columns;
  const isComma = hints.decimal === ',';
  const numbers = (row: readonly Cell[]) => row.map((cell) => matrixNumber(cell, isComma));
  const user = userColumn(columns, rows, hints.named[0]);
  const values = rows.map(numbers);
  const count = columns.hasHeader ? -1 : countColumn(values);
  const items = names.map((_, n) => n).filter((n) => n !== user && n !== count);
  const isNone = absence(values.map((row) => items.map((n) => row[n])));
  const head = {
    name: counter.name,
    names: ['user', 'item', 'rating'],
    hasHeader: true,
    decimalComma: false,
  };
  sink.columns({ ...head, sample: [] }, null, true);
  let rowNumber = 0;
  const matrix = {
    columns: () => {},
    row: (cells: readonly Cell[], line: number) => {
      const id = user === -1 ? `${++rowNumber}` : cells[user];
      for (const n of items) {
        const value = matrixNumber(cells[n], isComma);
        if (value === null || isNone(value)) continue;
        counter.report.lines++;
        sink.row([id, names[n], Number.isNaN(value) ? cells[n] : value], line);
      }
      counter.report.lines--;
    },
  };
  const reader = new FieldsReader({ dialect, width: names.length, lastHeaderLine }, matrix, counter);
  for await (const block of blocks) reader.take(block);
  reader.end();
  if (isNone(0)) counter.note('a 0 in the matrix is no interaction');
  if (isNone(NO_RATING)) counter.note(`a ${NO_RATING} in the matrix is no interaction`);
  const users =
    user === -1 ? 'numbers of rows' : `of ${names[user] === '' ? 'the first column' : names[user]}`;
  return `${delimiterName(dialect.delimiter)}-separated matrix, users ${users}, items of ${items.length} columns`;
}

/** −1 where rows have no id. */
function userColumn(
  { names, hasHeader }: { readonly names: readonly string[]; readonly hasHeader: boolean },
  rows: readonly (readonly string[])[],
  asked: string | undefined,
): number {
  const table = { name: '', names, hasHeader, sample: rows, decimalComma: false };
  const named = asked === undefined ? undefined : namedColumn(table, asked);
  if (named !== undefined) return named;
  const found = hasHeader ? namedFor('user', names) : -1;
  if (found !== -1) return found;
  const firsts = rows.map(([first]) => first);
  const areWords = firsts.every((cell) => !isMissing(cell) && Number.isNaN(matrixNumber(cell, true) ?? 0));
  const isIndex = hasHeader && names[0] === '';
  return areWords || isIndex || areRowNames(firsts) ? 0 : -1;
}

/** Jester's first column, which counts the ratings of its row; −1 where there is none. */
function countColumn(rows: readonly (readonly (number | null)[])[]): number {
  const rated = (row: readonly (number | null)[]) =>
    row.slice(1).filter((value) => value !== null && value !== NO_RATING);
  return rows.every((row) => row[0] === rated(row).length) ? 0 : -1;
}

/** Whether a number says that there is no interaction. */
function absence(rows: readonly (readonly (number | null)[])[]): (value: number) => boolean {
  const values = rows.flat().filter((value) => value !== null);
  const others = values.filter((value) => value !== NO_RATING);
  const has99 = others.length < values.length && others.every((value) => Math.abs(value) <= MOST_RATING);
  const isPositive = values.every((value) => value >= 0);
  return (value) => (isPositive && value === 0) || (has99 && value === NO_RATING);
}
