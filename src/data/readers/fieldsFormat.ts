import { FormatError, shown } from '../../errors.ts';
import { delimiterName, dialectOf, type FieldsDialect } from './dialect.ts';
import { FieldsReader } from './fields.ts';
import type { FormatInput, TableHints } from './formats.ts';
import { type Columns, columnsOf } from './header.ts';
import { type Dialect, splitRecord } from './quoted.ts';
import { assertRows, fittedNames, isTextBehindCodes, numbersFor } from './rowShape.ts';
import { withoutLineQuotes } from './wrappedLines.ts';

/** Reads fields between tabs. */
export function readTabs(input: FormatInput): Promise<string> {
  return readFields({ ...input, hints: { ...input.hints, delimiter: input.hints.delimiter ?? '\t' } });
}

/** Reads a file of fields: csv and all its kin. */
export async function readFields(given: FormatInput): Promise<string> {
  const input = withoutLineQuotes(given);
  const { blocks, sink, counter, hints } = input;
  const { dialect, columns, rows, lastHeaderLine } = fieldsHead(input);
  const { names, hasHeader, types } = columns;
  const sample = rows.filter((row) => row.length === names.length);
  const decimalComma = (hints.decimal ?? decimalOf(rows, dialect.delimiter)) === ',';
  const table = { name: counter.name, names, hasHeader, sample, decimalComma };
  if (hints.roles.includes('user')) assertRows(table, rows, hints);
  sink.columns(table, types, true);
  const isLastOpen = !hints.roles.includes('user') && isTextBehindCodes(sample);
  const layout = { dialect, width: names.length, lastHeaderLine, isLastOpen };
  const reader = new FieldsReader(layout, sink, counter);
  for await (const block of blocks) reader.take(block);
  reader.end();
  const separated = types ? 'RecBole, ' : '';
  return `${separated}${delimiterName(dialect.delimiter)}-separated, ${hasHeader ? 'header' : 'no header'}`;
}

/** The beginning of a file of fields. */
export interface FieldsHead {
  readonly dialect: FieldsDialect;
  readonly columns: Pick<Columns, 'names' | 'types' | 'hasHeader'>;
  readonly rows: readonly (readonly string[])[];
  /** the number of the last line before the rows; 0 if there is none */
  readonly lastHeaderLine: number;
}

/**
 * What the beginning of a file of fields tells.
 *
 * @throws {FormatError} if no delimiter fits, or the header has other columns than the rows
 */
export function fieldsHead({ sample, counter, hints }: FormatInput): FieldsHead {
  const dialect = dialectOf(sample, counter.name, hints.delimiter);
  const lines = sample.lines.slice(dialect.skipped);
  const { records, ends } = recordsOf(lines, dialect, counter.name);
  const columns = columnsOf(records, hints);
  const { headerRecords } = columns;
  const rows = records.slice(headerRecords);
  const named = namesFromComment(dialect.lastComment, dialect, columns, hints);
  const names = columns.hasHeader
    ? fittedNames(named.names, rows, counter.name)
    : numbersFor(named.names, rows);
  const headerLines = dialect.skipped + (headerRecords > 0 ? ends[headerRecords - 1] : 0);
  const lastHeaderLine = headerLines === 0 ? 0 : sample.numbers[headerLines - 1];
  if (headerRecords > (columns.hasHeader ? 1 : 0)) {
    const cells = shown(records[headerRecords - 1].join(dialect.delimiter));
    counter.note(
      `line ${lastHeaderLine} is ${headerRecords === 2 ? 'a second header' : 'the numbers of the columns'}, not a row: ${cells}`,
      'header',
    );
  }
  return {
    dialect,
    columns: { names, hasHeader: named.hasHeader, types: columns.types },
    rows,
    lastHeaderLine,
  };
}

/**
 * The records of the sample, those over several lines joined, and how many lines there are up to the end of each.
 *
 * @throws {FormatError} if the first one cannot be told
 */
function recordsOf(
  lines: readonly string[],
  dialect: Dialect,
  name: string,
): { records: string[][]; ends: number[] } {
  const records: string[][] = [];
  const ends: number[] = [];
  let open: string[] = [];
  for (const [n, line] of lines.entries()) {
    const cells = splitRecord([...open, line].join('\n'), dialect);
    if (cells === 'open' && open.length < 50) {
      open.push(line);
      continue;
    }
    open = [];
    if (Array.isArray(cells)) {
      ends.push(n + 1);
      records.push(cells);
    } else if (records.length === 0) break;
  }
  if (records.length > 0) return { records, ends };
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
  // Words under tabs or commas name columns, whatever the names are; between blanks they may be a sentence.
  const areNames =
    names.length > 2 && dialect.delimiter !== ' ' && names.every((name) => /^\p{L}/u.test(name));
  return named.hasHeader && (named.isCertain || areNames) ? { names, hasHeader: true } : columns;
}
