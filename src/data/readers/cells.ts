/** A value of a row: text in formats of fields; in JSON and Parquet any value, undefined where the field is absent. */
export type Cell = unknown;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DECIMAL_COMMA = /^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$/;

const MOST_DIGITS = 400;

/** Spellings of "no value" by databases, pandas, R, Excel and JavaScript. */
export const MISSING_VALUES: readonly string[] = [
  ...['NULL', 'null', 'Null', '\\N', '<null>', '(null)', 'None', 'nil', 'undefined', '[object Object]'],
  ...[
    'NaN',
    'nan',
    '-NaN',
    '-nan',
    'NA',
    '<NA>',
    'N/A',
    'n/a',
    'NaT',
    '#N/A',
    '#NA',
    '#NULL!',
    '#VALUE!',
    '#REF!',
  ],
  ...['1.#IND', '-1.#IND', '1.#QNAN', '-1.#QNAN'],
];

const MISSING: ReadonlySet<string> = new Set(MISSING_VALUES);

/** Whether a cell says that there is no value. */
export function isMissing(cell: Cell): boolean {
  if (cell === undefined || cell === null || Number.isNaN(cell)) return true;
  if (typeof cell !== 'string') return false;
  const text = cell.trim();
  return text === '' || MISSING.has(text);
}

/**
 * A number from a cell: NaN if it is none, null if there is no value.
 *
 * @param decimalComma whether `4,5` is a number, and `1.234,5` too
 */
export function cellNumber(cell: Cell, decimalComma = false): number | null {
  if (typeof cell === 'number') return Number.isNaN(cell) ? null : cell;
  if (typeof cell === 'bigint') return Number(cell);
  if (isMissing(cell)) return null;
  const wrapped = unwrapped(cell);
  if (wrapped !== cell) return cellNumber(wrapped, decimalComma);
  if (typeof cell !== 'string') return Number.NaN;
  const text = cell.trim();
  const number = numberOfText(text);
  if (!Number.isNaN(number) || !decimalComma || text.length > MOST_DIGITS) return number;
  return DECIMAL_COMMA.test(text) ? Number(text.replaceAll('.', '').replace(',', '.')) : Number.NaN;
}

/** The number that a text without blanks at its ends writes plainly; NaN for any other text. */
export function numberOfText(text: string): number {
  // No number takes more, and the patterns take long on long digits.
  return text.length <= MOST_DIGITS && NUMBER.test(text) ? Number(text) : Number.NaN;
}

/** The value of MongoDB's extended JSON, `{"$oid": "5f…"}` or `{"$date": …}`; any other value unchanged. */
export function unwrapped(cell: Cell): Cell {
  if (typeof cell !== 'object' || cell === null || Array.isArray(cell)) return cell;
  const keys = Object.keys(cell);
  if (keys.length !== 1 || !/^\$(oid|numberLong|numberInt|numberDouble|date|uuid)$/.test(keys[0]))
    return cell;
  return unwrapped((cell as Record<string, unknown>)[keys[0]]);
}

/** A cell as text: the elements of a list joined by a space, an object as JSON, null and NaN as ''. */
export function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (cell === undefined || cell === null || Number.isNaN(cell)) return '';
  if (Array.isArray(cell)) return cell.map(cellText).join(' ');
  // A file may hold moments beyond those of Date: its text is no time, as a bad line is to say.
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? String(cell) : cell.toISOString();
  const value = unwrapped(cell);
  if (value !== cell) return cellText(value);
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}
