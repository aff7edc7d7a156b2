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

const WORDS: Readonly<Record<string, number>> = {
  ...{ true: 1, t: 1, yes: 1, y: 1, like: 1, liked: 1, up: 1, recommended: 1 },
  ...{ false: 0, f: 0, no: 0, n: 0, dislike: 0, disliked: 0, down: 0, 'not recommended': 0 },
};

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
  // No number takes more, and the patterns take long on long digits.
  if (text.length > MOST_DIGITS) return Number.NaN;
  if (NUMBER.test(text)) return Number(text);
  if (decimalComma && DECIMAL_COMMA.test(text)) return Number(text.replaceAll('.', '').replace(',', '.'));
  return Number.NaN;
}

/** As `cellNumber`, for feedback: words and truth values of yes and no are 1 and 0. */
export function feedbackNumber(cell: Cell, decimalComma = false): number | null {
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  const number = cellNumber(cell, decimalComma);
  if (typeof cell !== 'string' || !Number.isNaN(number)) return number;
  return WORDS[cell.trim().toLowerCase()] ?? Number.NaN;
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
  if (cell instanceof Date) return cell.toISOString();
  const value = unwrapped(cell);
  if (value !== cell) return cellText(value);
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}
