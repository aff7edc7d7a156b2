import { delimiterName, dialectOf, type Sample } from './dialect.ts';
import { FieldsReader } from './fields.ts';
import type { FormatInput } from './formats.ts';

/**
 * Reads a line a basket: its items between commas, tabs, blanks or another delimiter, as many as there are. Each basket
 * counts as a user, by the number of its line.
 */
export async function readBaskets({ blocks, sample, sink, counter, hints }: FormatInput): Promise<string> {
  const delimiter = hints.delimiter ?? listSeparator(sample.lines);
  const dialect = dialectOf(sample, counter.name, delimiter);
  const lastHeaderLine = dialect.skipped === 0 ? 0 : sample.numbers[dialect.skipped - 1];
  const names = ['basket', 'item'];
  sink.columns({ name: counter.name, names, hasHeader: true, sample: [], decimalComma: false }, null, true);
  const isCounted = areCounted(sample);
  if (isCounted) counter.note('the number in front of each line counts its items');
  const lists = {
    columns: () => {},
    row: (cells: readonly unknown[], line: number) => {
      for (const cell of isCounted ? cells.slice(1) : cells)
        if (String(cell).trim() !== '') sink.row([`${line}`, cell], line);
    },
  };
  const reader = new FieldsReader({ dialect, width: null, lastHeaderLine }, lists, counter);
  for await (const block of blocks) reader.take(block);
  reader.end();
  return `${delimiterName(dialect.delimiter)}-separated baskets, a line a basket that counts as a user`;
}

/** Whether each line begins with the number of the fields behind it, as the data of CiteULike do. */
export function areCounted({ lines }: Pick<Sample, 'lines'>): boolean {
  const fields = lines.map((line) => line.trim().split(/[ \t]+/));
  return (
    lines.length > 2 &&
    fields.every((row) => row[0] === `${row.length - 1}`) &&
    fields.some(({ length }) => length > 2)
  );
}

/** What stands between the items of lists of different lengths: the first that is in most lines, else blanks. */
export function listSeparator(lines: readonly string[]): string {
  const isInMost = (mark: string) => lines.filter((line) => line.includes(mark)).length > 0.5 * lines.length;
  return [',', ';', '\t', '|'].find(isInMost) ?? ' ';
}
