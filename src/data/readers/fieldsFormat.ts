import { FormatError, shown } from '../../errors.ts';
import { delimiterName, dialectOf } from './dialect.ts';
import { FieldsReader } from './fields.ts';
import type { FormatInput, TableHints } from './formats.ts';
import { columnsOf } from './header.ts';
import { type Dialect, splitRecord } from './quoted.ts';

/** Reads fields between tabs. */
export function readTabs(input: FormatInput): Promise<string> {
  return readFields({ ...input, hints: { ...input.hints, delimiter: input.hints.delimiter ?? '\t' } });
}

/** Reads a file of fields: csv and all its kin. */
export async function readFields({ blocks, sample, sink, counter, hints }: FormatInput): Promise<string> {
  const dialect = dialectOf(sample, counter.name, hints.delimiter);
  const lines = sample.lines.slice(dialect.skipped);
  const { records, firstSpan } = recordsOf(lines, dialect, counter.name);
  const columns = columnsOf(records, hints);
  const rows = columns.hasHeader ? records.slice(1) : records;
  const width = records[0].length;
  const decimalComma = (hints.decimal ?? decimalOf(rows, dialect.delimiter)) === ',';
  const named = namesFromComment(dialect.lastComment, dialect, columns, hints);
  const table = {
    name: counter.name,
    ...named,
    sample: rows.filter((row) => row.length === width),
    decimalComma,
  };
  sink.columns(table, columns.types, true);
  const headerLines = dialect.skipped + (columns.hasHeader ? firstSpan : 0);
  const lastHeaderLine = headerLines === 0 ? 0 : sample.numbers[headerLines - 1];
  const reader = new FieldsReader({ dialect, width, lastHeaderLine }, sink, counter);
  for await (const block of blocks) reader.take(block);
  reader.end();
  const separated = columns.types ? 'RecBole, ' : '';
  return `${separated}${delimiterName(dialect.delimiter)}-separated, ${columns.hasHeader ? 'header' : 'no header'}`;
}

/**
 * The records of the sample, those over several lines joined, and how many lines the first one has.
 *
 * @throws {FormatError} if the first one cannot be told
 */
function recordsOf(
  lines: readonly string[],
  dialect: Dialect,
  name: string,
): { records: string[][]; firstSpan: number } {
  const records: string[][] = [];
  let firstSpan = 0;
  let open: string[] = [];
  for (const [n, line] of lines.entries()) {
    const cells = splitRecord([...open, line].join('\n'), dialect);
    if (cells === 'open' && open.length < 50) {
      open.push(line);
      continue;
    }
    open = [];
    if (Array.isArray(cells)) {
      if (records.length === 0) firstSpan = n + 1;
      records.push(cells);
    } else if (records.length === 0) break;
  }
  if (records.length > 0) return { records, firstSpan };
  const problem = `the first line has broken quotes: ${shown(lines[0] ?? '')}`;
  throw new FormatError(name, problem, 'Quote whole fields and double the quotes inside');
}

/** `,` where numbers have a decimal comma and none has a point, beside another delimiter. */
function decimalOf(rows: readonly (readonly string[])[], delimiter: string): '.' | ',' {
  if (delimiter === ',') return '.';
  const cells = rows.flatMap((row) => row.map((cell) => cell.trim()));
  const hasComma = cells.some(
    (cell) => /^-?\d+,\d{1,2}$/.test(cell) || /^-?\d{1,3}(\.\d{3})+,\d+$/.test(cell),
  );
  return hasComma && !cells.some((cell) => /^-?\d+\.\d+$/.test(cell)) ? ',' : '.';
}

/** Names from a comment above rows without a header: `# user_id  item_id`. */
function namesFromComment(
  comment: string | null,
  dialect: Dialect,
  columns: { names: readonly string[]; hasHeader: boolean },
  { roles }: TableHints,
): { names: readonly string[]; hasHeader: boolean } {
  if (comment === null || columns.hasHeader) return columns;
  const cells = splitRecord(comment, dialect);
  const names = Array.isArray(cells) ? cells.map((cell) => cell.trim()) : [];
  if (names.length !== columns.names.length) return columns;
  const named = columnsOf([names], { named: [], roles });
  return named.hasHeader && named.isCertain ? { names, hasHeader: true } : columns;
}
