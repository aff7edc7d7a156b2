import { listSeparator } from './baskets.ts';
import { eachLine, textOf } from './blocks.ts';
import type { Sample } from './dialect.ts';
import type { FormatInput } from './formats.ts';
import { splitPlain } from './quoted.ts';

/** An item with a number, as in libSVM's format: `12:4.5`. */
const PAIR = /^([^:\s]+):(-?\d+(?:\.\d+)?)$/;

/**
 * Reads the text format of LightGCN: a line is a user and then the user's items, separated by spaces or tabs, or commas.
 * A user without items is registered; a user may have several lines. An item may bring a number, `item:number`.
 */
export async function readLightgcn({ blocks, sample, sink, counter, hints }: FormatInput): Promise<string> {
  const separator = hints.delimiter ?? listSeparator(sample.lines);
  const fields = (text: string) =>
    separator === ' ' || separator === '\t' ? text.trim().split(/[ \t]+/) : splitPlain(text, separator);
  const hasNumbers = arePairs(sample);
  const names = ['user', 'item', ...(hasNumbers ? ['number'] : [])];
  const rows = hasNumbers ? [['', '', '1']] : [];
  sink.columns(
    { name: counter.name, names, hasHeader: !hasNumbers, sample: rows, decimalComma: false },
    null,
    true,
  );
  for await (const block of blocks) {
    eachLine(textOf(block, counter.name), (text, index) => {
      const [user, ...items] = fields(text);
      if (text.trim() === '') return;
      counter.report.lines++;
      if (items.length === 0) sink.user?.(user, block.line + index);
      for (const item of items) {
        const [, id = item, number] = (hasNumbers && PAIR.exec(item)) || [];
        if (item.trim() !== '') sink.row([user, id, number], block.line + index);
      }
    });
  }
  return `LightGCN's lists, a line a user with the user's items${hasNumbers ? ' and their numbers' : ''}`;
}

/** Whether lines are a first field and then items with numbers, as in libSVM's format, between blanks. */
export function arePairs({ lines }: Sample): boolean {
  const fields = lines.map((line) => line.trim().split(/[ \t]+/));
  return (
    fields.every(
      ([first, ...items]) => /^[^,;|:"]+$/.test(first) && items.every((item) => PAIR.test(item)),
    ) && fields.some(({ length }) => length > 1)
  );
}

/** Whether first fields come again all over the file, as items and labels do and users do not. */
export function hasRepeatedFirsts({ lines }: Pick<Sample, 'lines'>): boolean {
  const firsts = lines.map((line) => line.trim().split(/[ \t,]+/, 1)[0]);
  const isSorted = firsts.every(
    (first, n) => n === 0 || first === firsts[n - 1] || Number(first) > Number(firsts[n - 1]),
  );
  return !isSorted && new Set(firsts).size < 0.7 * firsts.length;
}

/** What speaks for lists of items, what for columns, where all lines have whitespace between their fields. */
export type ListVerdict = 'lists' | 'columns' | 'doubtful';

/**
 * Whether lines are lists of items or rows of columns. Lines of different lengths are lists. Lines of one length of
 * three fields or more are columns if a first field comes again, or a later column has few numbers as ratings do, and
 * lists if each first field comes once and the fields behind are all numbers of one range.
 */
export function listVerdict({ lines }: Pick<Sample, 'lines'>): ListVerdict {
  const tabs = new Set(lines.map((line) => line.split('\t').length));
  const isTabbed = tabs.size === 1 && !tabs.has(1);
  const rows = lines.map((line) => (isTabbed ? line.split('\t') : line.trim().split(/[ \t]+/)));
  const widths = new Set(rows.map((row) => row.length));
  const isWords = rows.some((row) => row.some((cell) => !/^\d+$/.test(cell)));
  if (widths.size > 1) {
    if (isWords && !hasIdsOnly(rows)) return 'columns';
    return hasRepeatedFirsts({ lines }) ? 'doubtful' : 'lists';
  }
  const [width] = widths;
  if (width === 1) return 'lists';
  if (width === 2 || isWords) return 'columns';
  const firsts = new Set(rows.map(([first]) => first));
  const hasRatings =
    isRatingColumn(rows.map((row) => row[2])) || rows.every((row) => Number(row.at(-1)) >= 2.8e8);
  if (firsts.size < rows.length) return 'columns';
  if (width > 4 && !hasRatings) return 'lists';
  return 'doubtful';
}

/** Whether lines with words in them are lists of ids all the same: no field looks like a number with a point. */
function hasIdsOnly(rows: readonly (readonly string[])[]): boolean {
  return rows.every((row) => row.every((cell) => !/[,;|"]|::/.test(cell)));
}

function isRatingColumn(cells: readonly string[]): boolean {
  return cells.every((cell) => Number(cell) <= 10) && new Set(cells).size <= 10;
}
