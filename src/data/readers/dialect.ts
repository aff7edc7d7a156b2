import { FormatError } from '../../errors.ts';
import { type Dialect, splitRecord } from './quoted.ts';

/** The beginning of a text. */
export interface Sample {
  /** the first lines, without line ends and without empty ones */
  readonly lines: readonly string[];
  /** the number of each line in the file, from 1 */
  readonly numbers: readonly number[];
}

const MOST_LINES = 500;

/** @param isWhole whether `text` is the whole file; else its last line may be cut off and is left out */
export function sampleOf(text: string, isWhole: boolean): Sample {
  const all = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (!isWhole && all.length > 1) all.pop();
  const lines: string[] = [];
  const numbers: number[] = [];
  for (let n = 0; n < all.length && lines.length < MOST_LINES; n++) {
    if (all[n].trim() === '') continue;
    lines.push(all[n]);
    numbers.push(n + 1);
  }
  return { lines, numbers };
}

/** What stands between fields, in the order in which it is preferred where two fit alike. */
const DELIMITERS = ['\t', ',', ';', '::', '|', '\u0001', '^', ' '];

/** What can stand in the first line of a file to say what it is separated by, as Excel reads and writes it. */
const SEP = /^"?sep=(.+?)"?$/i;

/** A file of fields: how they are told apart, and where the lines with fields begin. */
export interface FieldsDialect extends Dialect {
  /** lines before the first one with fields: `sep=` and comments */
  readonly skipped: number;
  /** what comment lines begin with; null where there are none at the top */
  readonly comment: string | null;
  /** the last comment at the top, without its mark, which may name the columns */
  readonly lastComment: string | null;
}

/**
 * How fields are told apart in a text: by the delimiter that gives most lines the same number of fields, at least two.
 *
 * @param asked the delimiter, if the caller knows it
 * @throws {FormatError} if no delimiter fits
 */
export function dialectOf(sample: Sample, name: string, asked?: string): FieldsDialect {
  const sep = SEP.exec(sample.lines[0] ?? '');
  const afterSep = sep ? sample.lines.slice(1) : sample.lines;
  const { comment, count } = commentsOf(afterSep);
  const lines = afterSep.slice(count);
  const skipped = (sep ? 1 : 0) + count;
  const last = count > 0 ? afterSep[count - 1] : null;
  const delimiter = asked ?? sep?.[1] ?? delimiterOf(lines, name);
  const above = sep || count > 0 ? 0 : linesAbove(lines, delimiter);
  return {
    delimiter: delimiter === '\\t' ? '\t' : delimiter,
    quoted: isQuoted(lines, delimiter),
    skipped: skipped + above,
    comment,
    lastComment: last && comment ? last.replace(/^[#%]+\s*/, '') : null,
  };
}

const MOST_ABOVE = 20;

/** How many lines stand above the header, as reports have them: titles, and names with a value, the other fields empty. */
function linesAbove(lines: readonly string[], delimiter: string): number {
  const { width } = fitOf(lines, delimiter);
  const rows = lines.slice(0, MOST_ABOVE + 1).map((line) => {
    const cells = splitRecord(line, { delimiter, quoted: QUOTING.has(delimiter) });
    return Array.isArray(cells) ? cells.map((cell) => cell.trim()) : [];
  });
  const isAbove = (row: readonly string[]) =>
    row[0] !== '' && row.filter((cell) => cell !== '').length <= 0.5 * width;
  const header = rows.findIndex((row) => !isAbove(row));
  const isHeader = width > 2 && header > 0 && rows[header].length === width;
  return isHeader && rows[header].every((cell) => /\p{L}/u.test(cell)) ? header : 0;
}

/** Lines at the top that begin with # or %, if lines without follow. */
function commentsOf(lines: readonly string[]): { comment: string | null; count: number } {
  const comment = /^[#%]/.exec(lines[0] ?? '')?.[0] ?? null;
  if (comment === null) return { comment: null, count: 0 };
  const count = lines.findIndex((line) => !line.startsWith(comment));
  return count === -1 ? { comment: null, count: 0 } : { comment, count };
}

interface Fit {
  readonly delimiter: string;
  /** the number of fields that most lines have */
  readonly width: number;
  /** the share of lines that have it */
  readonly share: number;
  /** whether the first line has it */
  readonly fitsFirst: boolean;
}

function delimiterOf(lines: readonly string[], name: string): string {
  const fits = DELIMITERS.map((delimiter) => fitOf(lines, delimiter)).filter(({ width }) => width > 1);
  if (fits.length === 0) {
    const first = JSON.stringify((lines[0] ?? '').slice(0, 60));
    const problem = `expected fields separated by ${DELIMITERS.map(delimiterName).join(', ')}, found none in ${first}`;
    throw new FormatError(name, problem, 'Name what separates them', 'delimiter');
  }
  const best = Math.max(...fits.map(({ share }) => share));
  const alike = fits.filter(({ share }) => share >= best - 0.1);
  // What stands between fields stands in the first line, too; what stands within fields need not.
  const inFirst = alike.filter(({ fitsFirst }) => fitsFirst);
  const fitting = inFirst.length > 0 ? inFirst : alike;
  const blanks = fitting.find((fit) => fit.delimiter === ' ');
  const others = fitting.filter((fit) => fit !== blanks);
  // Of delimiters that fit alike the first with the most fields, so that decimal commas do not count.
  const [other] = others.sort((a, b) => b.width - a.width);
  if (!other || (blanks && other.delimiter === ',' && areDecimalCommas(lines))) return ' ';
  return other.delimiter;
}

/** Whether every comma stands between digits behind the first field, so that blanks separate numbers such as 4,5. */
function areDecimalCommas(lines: readonly string[]): boolean {
  return lines.every((line) => !/(^|\D),|,(\D|$)/.test(line) && /^[^\s,]+\s/.test(line.trim()));
}

/** A delimiter counts by the lines that it cuts into the most frequent number of fields. */
function fitOf(lines: readonly string[], delimiter: string, quoted = QUOTING.has(delimiter)): Fit {
  const counts = new Map<number, number>();
  let open: string[] = [];
  let records = 0;
  let first = 0;
  for (const line of lines) {
    const text = open.length > 0 ? [...open, line].join('\n') : line;
    const cells = splitRecord(text, { delimiter, quoted });
    if (cells === 'open' && open.length < 50) {
      open.push(line);
      continue;
    }
    open = [];
    records++;
    const width = Array.isArray(cells) ? cells.length : 0;
    if (records === 1) first = width;
    counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  const [width, count] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
  return { delimiter, width, share: records === 0 ? 0 : count / records, fitsFirst: first === width };
}

/** Delimiters beside which quotes have a meaning whether or not the beginning of a file has any. */
const QUOTING: ReadonlySet<string> = new Set([',', ';']);

/**
 * Beside other delimiters quotes have a meaning where fields are wholly quoted and no field begins with one only, or
 * where more lines have one width with them, because quoted fields hold delimiters or line ends.
 */
function isQuoted(lines: readonly string[], delimiter: string): boolean {
  if (QUOTING.has(delimiter)) return true;
  let quoted = 0;
  for (const line of lines) {
    const cells = splitRecord(line, { delimiter, quoted: false });
    if (!Array.isArray(cells)) continue;
    for (const cell of cells) {
      const text = cell.trim();
      if (!text.startsWith('"')) continue;
      if (text.length < 2 || !text.endsWith('"'))
        return fitOf(lines, delimiter, true).share > fitOf(lines, delimiter, false).share;
      quoted++;
    }
  }
  return quoted > 0;
}

/** A delimiter in words, for messages. */
export function delimiterName(delimiter: string): string {
  const names: Record<string, string> = { '\t': 'tab', ',': 'comma', ' ': 'blank', '\u0001': 'Ctrl-A' };
  return names[delimiter] ?? JSON.stringify(delimiter);
}
