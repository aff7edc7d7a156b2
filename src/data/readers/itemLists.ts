import { FormatError, shown } from '../../errors.ts';
import { type Cell, isMissing } from './cells.ts';
import { isLastResort } from './columnNames.ts';
import { listOf as writtenList } from './listCells.ts';

/** Takes the items of one cell apart. */
export type ListReader = (cell: Cell) => readonly Cell[];

const SEPARATORS = [',', '|', ';', ' '];
/** From this share of a sample on, what is seen holds for the column. */
const MOST = 0.8;

/** What is known about a column of items. */
interface ItemColumn {
  /** of the file, for messages */
  readonly where: string;
  /** of the column; null where it has none */
  readonly name: string | null;
  readonly sample: readonly Cell[];
  /** between items, as the caller says; '' where a cell is one item */
  readonly separator: string | undefined;
}

/**
 * How the cells of a column are lists of items: a list of JSON, Parquet or Python, `[1, 2]`; or texts with a separator,
 * where the caller names one, all parts are whole numbers, or the column's name says that it holds several. Null where a
 * cell is an item.
 *
 * @throws {FormatError} where a column named for several items has none of the usual separators
 */
export function listReader({ where, name, sample, separator }: ItemColumn): ListReader | null {
  if (separator === '') return null;
  if (separator !== undefined) return (cell) => listOf(cell) ?? split(String(cell ?? ''), separator);
  const present = sample.filter((cell) => !isMissing(cell));
  if (present.length === 0) return null;
  if (present.filter((cell) => listOf(cell)).length >= MOST * present.length)
    return (cell) => listOf(cell) ?? [cell];
  const texts = present.filter((cell) => typeof cell === 'string');
  if (texts.length < present.length) return null;
  if (areThousands(texts)) return null;
  const found = numbersBetween(texts) ?? idsBetween(texts);
  // Ids of several words may look like lists; lists seldom come again, ids do.
  const isNamedSo = name !== null && isLastResort('item', name);
  const isSure = isNamedSo || new Set(texts).size >= MOST * texts.length || numbersBetween(texts) !== null;
  if (found !== null && isSure) return (cell) => split(String(cell ?? ''), found);
  if (found !== null) throw doubtful(where, name, texts[0]);
  if (!isNamedSo || !texts.some((text) => /[,|; ]/.test(text.trim()))) return null;
  const clear = SEPARATORS.slice(0, 3).filter((mark) => texts.some((text) => text.includes(mark)));
  if (clear.length === 1) return (cell) => split(String(cell ?? ''), clear[0]);
  throw doubtful(where, name, texts[0]);
}

function doubtful(where: string, name: string | null, cell: string): FormatError {
  const column = name === null ? 'of items' : JSON.stringify(name);
  const problem = `the column ${column} may hold several items in a cell (${shown(cell)})`;
  const remedy = 'Name what stands between them, or "" if a cell is one item';
  return new FormatError(where, problem, remedy, 'itemSeparator');
}

/** As `listCells.listOf`, and lists as numpy prints them, [1 2 3], and sets of Python and arrays of PostgreSQL, {1, 2}. */
function listOf(cell: Cell): readonly Cell[] | null {
  const list = writtenList(cell);
  if (list || typeof cell !== 'string') return list;
  const set = /^\{([^:{}]*)\}$/.exec(cell.trim())?.[1];
  if (set !== undefined) return split(set, ',').map(withoutQuotes);
  const inner = /^\[([^[\]{},]*)\]$/.exec(cell.trim())?.[1].trim();
  if (inner === undefined) return null;
  return inner === '' ? [] : inner.split(/\s+/).map(withoutQuotes);
}

function withoutQuotes(part: string): string {
  return part.replace(/^(['"])(.*)\1$/, '$2');
}

function split(text: string, separator: string): string[] {
  const parts = separator === ' ' ? text.trim().split(/\s+/) : text.split(separator);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** Whether all cells are numbers such as 12,000: digits in threes behind a beginning that somewhere is shorter. */
function areThousands(texts: readonly string[]): boolean {
  return (
    texts.every((text) => /^\d{1,3}(,\d{3})+$/.test(text.trim())) &&
    texts.some((text) => !/^\d{3}/.test(text.trim()))
  );
}

/** What stands between whole numbers, where most cells have several and the others one. */
function numbersBetween(texts: readonly string[]): string | null {
  const isOf = (separator: string, text: string) =>
    split(text, separator).every((part) => /^\d+$/.test(part));
  return (
    SEPARATORS.find(
      (separator) =>
        texts.every((text) => isOf(separator, text)) &&
        texts.filter((text) => split(text, separator).length > 1).length > 0.5 * texts.length,
    ) ?? null
  );
}

/** What stands between words with digits in them, as ids have, that come again in other cells. */
function idsBetween(texts: readonly string[]): string | null {
  const fits = (separator: string) => {
    const lists = texts.map((text) => split(text, separator));
    const parts = lists.flat();
    const areIds = parts.every((part) => /^[\w.-]+$/.test(part) && /\d/.test(part));
    return (
      areIds &&
      lists.filter(({ length }) => length > 1).length > 0.5 * texts.length &&
      new Set(parts).size < MOST * parts.length
    );
  };
  return SEPARATORS.find(fits) ?? null;
}
