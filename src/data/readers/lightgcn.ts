import { eachLine, textOf } from './blocks.ts';
import type { Sample } from './dialect.ts';
import type { FormatInput } from './formats.ts';

/**
 * Reads the text format of LightGCN: a line is a user and then the user's items, separated by spaces or tabs. A user
 * without items is registered; a user may have several lines.
 */
export async function readLightgcn({ blocks, sink, counter }: FormatInput): Promise<string> {
  const names = ['user', 'item'];
  sink.columns({ name: counter.name, names, hasHeader: true, sample: [], decimalComma: false }, null, true);
  for await (const block of blocks) {
    eachLine(textOf(block, counter.name), (text, index) => {
      const [user, ...items] = text.trim().split(/[ \t]+/);
      if (user === '') return;
      counter.report.lines++;
      if (items.length === 0) sink.user?.(user, block.line + index);
      for (const item of items) sink.row([user, item], block.line + index);
    });
  }
  return "LightGCN's lists, a line a user with the user's items";
}

/** What speaks for lists of items, what for columns, where all lines have whitespace between their fields. */
export type ListVerdict = 'lists' | 'columns' | 'doubtful';

/**
 * Whether lines are lists of items or rows of columns. Lines of different lengths are lists. Lines of one length of
 * three fields or more are columns if a first field comes again, or a later column has few numbers as ratings do, and
 * lists if each first field comes once and the fields behind are all numbers of one range.
 */
export function listVerdict({ lines }: Sample): ListVerdict {
  const tabs = new Set(lines.map((line) => line.split('\t').length));
  const isTabbed = tabs.size === 1 && !tabs.has(1);
  const rows = lines.map((line) => (isTabbed ? line.split('\t') : line.trim().split(/[ \t]+/)));
  const widths = new Set(rows.map((row) => row.length));
  const isWords = rows.some((row) => row.some((cell) => !/^\d+$/.test(cell)));
  if (widths.size > 1) return isWords && !hasIdsOnly(rows) ? 'columns' : 'lists';
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
