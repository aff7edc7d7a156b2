import { DataError, shown } from '../../errors.ts';
import { didYouMean } from '../../options/nearest.ts';
import { type Cell, cellText, isMissing } from './cells.ts';
import { namedFor, plainName } from './columnNames.ts';
import { type ColumnName, namedColumn, type Table } from './roles.ts';

/** Cells that were looked at. */
type Rows = readonly { readonly cells: readonly Cell[] }[];

/**
 * The column with the pictures of the items: the one that is asked for, else the first that has a name such as image,
 * image_url, imUrl, picture … and holds addresses or names of image files only; −1 if there is none.
 *
 * @throws {DataError} when the column that is asked for is not there
 */
export function imageColumnOf(head: Table, rows: Rows, asked: ColumnName | null | undefined): number {
  if (asked === null) return -1;
  if (asked !== undefined) {
    const index = namedColumn(head, asked);
    if (index !== undefined) return index;
    const found = head.names.map((name) => JSON.stringify(name)).join(', ');
    const problem = `expected a column ${shown(asked)}, found the columns ${found}`;
    const remedy = didYouMean(asked, head.names, 'Name the column with the images');
    throw new DataError(head.name, problem, remedy, 'imageColumn');
  }
  if (!head.hasHeader) return -1;
  const column = namedFor('image', head.names);
  return column !== -1 && holdsImages(rows, column) ? column : -1;
}

const ADDRESS = /^((https?|file|blob):\/*\S+|data:image\/\S+|.*\.(jpe?g|png|webp|gif|bmp|avif|tiff?|svg))$/is;

function holdsImages(rows: Rows, column: number): boolean {
  const found = rows.map(({ cells }) => imageReference(cells[column])).filter((text) => text !== '');
  return found.length > 0 && found.every((text) => ADDRESS.test(text));
}

/** A list of texts as JSON and Python write it: its first text. */
const FIRST_OF_LIST = /^\[\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/;
/** One address of several that blanks or bars separate. */
const FIRST_ADDRESS = /^(https?:\/\/[^\s|]+)[\s|]/i;

/** Members of a record that lead to its picture, the largest first (Amazon 2023). */
const MEMBERS = ['hires', 'large', 'url', 'src', 'href', 'link', 'thumb'];

/** Where the picture of an item is, the first where there are several: an address, a path or `data:`; '' for none. */
export function imageReference(cell: Cell): string {
  if (Array.isArray(cell)) return imageReference(cell.find((entry) => imageReference(entry) !== ''));
  if (isMissing(cell)) return '';
  if (typeof cell === 'object') {
    const entries = Object.entries(cell as object).map(([name, value]) => [plainName(name), value] as const);
    for (const member of MEMBERS) {
      const reference = imageReference(entries.find(([name]) => name === member)?.[1]);
      if (reference !== '') return reference;
    }
    return '';
  }
  const text = cellText(cell).trim();
  const [, double, single] = FIRST_OF_LIST.exec(text) ?? [];
  if (double !== undefined || single !== undefined)
    return imageReference((double ?? single).replace(/\\\//g, '/'));
  return text === '[]' ? '' : (FIRST_ADDRESS.exec(text)?.[1] ?? text);
}
