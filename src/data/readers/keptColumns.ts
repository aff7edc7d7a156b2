import { DataError, shown } from '../../errors.ts';
import { didYouMean } from '../../options/nearest.ts';
import { type Cell, cellNumber, cellText, isMissing } from './cells.ts';
import { listOf, listWords } from './listCells.ts';
import { type ColumnName, listed, namedColumn, type Table } from './roles.ts';

/**
 * A value of a column that is kept: null where an item has none.
 *
 * @example
 * const { attributes } = await readCatalogue('id,title,price\na,Tea,3\nb,Chair,90\n', { keep: ['price'] });
 * const price: KeptValue | undefined = attributes.get('a')?.price;
 * price; // → 3
 */
export type KeptValue = number | boolean | string | readonly string[] | null;

/** A column that is kept as values. */
export interface KeptColumn {
  readonly name: string;
  readonly index: number;
  /** The value of a cell. */
  read(cell: Cell): KeptValue;
}

/** Words with bars between them, as MovieLens writes genres: no spaces at the bars, which titles have. */
const BARRED = /^[^|\s](?:[^|]*[^|\s])?(?:\|[^|\s](?:[^|]*[^|\s])?)*$/;
const TRUTH = /^(true|false)$/i;

/**
 * The columns by their names, each of one type: numbers, truth values or lists if all its values are, else texts. `a|b` is a list.
 * @throws {DataError} for a column that the table does not have, or that has no value
 */
export function keptColumns(
  head: Table,
  rows: readonly { readonly cells: readonly Cell[] }[],
  asked: readonly ColumnName[],
): KeptColumn[] {
  return asked.map((column) => {
    const index = namedColumn(head, column);
    if (index === undefined) {
      const found = listed(head.names);
      const problem = `expected a column ${shown(column)}, found the columns ${found}`;
      const remedy = didYouMean(column, head.names, 'Name columns of the file');
      throw new DataError(head.name, problem, remedy, 'keep');
    }
    const values = rows.map(({ cells }) => cells[index]).filter((cell) => !isMissing(cell));
    if (values.length === 0) {
      const problem = `expected values in the column ${shown(column)}, received none`;
      throw new DataError(head.name, problem, 'Leave it out', 'keep');
    }
    const read = readerOf(values, head.decimalComma);
    return { name: String(column), index, read: (cell) => (isMissing(cell) ? null : read(cell)) };
  });
}

function readerOf(values: readonly Cell[], decimalComma: boolean): (cell: Cell) => KeptValue {
  const number = (cell: Cell) => cellNumber(cell, decimalComma);
  if (values.every((cell) => typeof cell !== 'boolean' && Number.isFinite(number(cell)))) return number;
  if (values.every((cell) => TRUTH.test(cellText(cell).trim())))
    return (cell) => cellText(cell).trim().toLowerCase() === 'true';
  if (values.every((cell) => listOf(cell) !== null)) return (cell) => listWords(listOf(cell) ?? []);
  const texts = values.map((cell) => cellText(cell).trim());
  if (texts.some((value) => value.includes('|')) && texts.every((value) => BARRED.test(value)))
    return (cell) => cellText(cell).trim().split('|');
  return (cell) => cellText(cell).trim();
}
