import { FormatError, OptionError, shown } from '../../errors.ts';
import { checkArgument, TEXT } from '../../options/arguments.ts';
import { areCounted, readBaskets } from './baskets.ts';
import type { Block } from './blocks.ts';
import { isNameOf } from './columnNames.ts';
import { type Sample, sampleOf } from './dialect.ts';
import { isDrawn, readDrawn } from './drawnTable.ts';
import { readFields, readTabs } from './fieldsFormat.ts';
import type { ColumnHints } from './header.ts';
import { readJsonDocument } from './jsonDocument.ts';
import { parseJson, readJsonLines, readPythonLines } from './jsonLines.ts';
import { arePairs, hasRepeatedFirsts, listVerdict, readLightgcn } from './lightgcn.ts';
import { BANNER, readMatrixMarket } from './matrixMarket.ts';
import { isMind, readMind } from './mind.ts';
import { FILM_LINE, readNetflix } from './netflix.ts';
import { assertTable } from './otherTexts.ts';
import { areRecords, readRecords } from './records.ts';
import type { LineCounter } from './report.ts';
import type { TableSink } from './table.ts';
import { readWide } from './wide.ts';

/** The formats that can be read. */
export const FORMATS = [
  'csv',
  'tsv',
  'jsonl',
  'json',
  'python',
  'recbole',
  'lightgcn',
  'netflix',
  'mind',
  'wide',
  'baskets',
  'records',
  'drawn',
  'matrixmarket',
  'parquet',
] as const;

/** One of `FORMATS`. */
export type Format = (typeof FORMATS)[number];

/** What a caller knows about a file; what is not said is told by its beginning. */
export interface TableHints extends ColumnHints {
  /** between fields */
  readonly delimiter?: string;
  /** `,` where `4,5` is a number */
  readonly decimal?: '.' | ',';
}

/** What a format reads from, and where its rows go. */
export interface FormatInput {
  readonly blocks: AsyncIterable<Block>;
  readonly sample: Sample;
  readonly sink: TableSink;
  readonly counter: LineCounter;
  readonly hints: TableHints;
}

/** A format of text. Adding one is adding it to `TEXT_FORMATS`. */
interface TextFormat {
  readonly name: Format;
  /** endings of files that hold it, for `detectFormat` */
  readonly endings: readonly string[];
  /** whether a beginning is of this format; the first of the list that says so is taken */
  sniff(sample: Sample, hints: TableHints): boolean;
  /** Reads all rows and says in a few words what they were. */
  read(input: FormatInput): Promise<string>;
}

const TEXT_FORMATS: readonly TextFormat[] = [
  {
    name: 'python',
    endings: [],
    sniff: ({ lines: [first] }) => /^\s*\{\s*(u|b)?'/i.test(first) || /^\s*\{\s*u"/.test(first),
    read: readPythonLines,
  },
  {
    name: 'jsonl',
    endings: ['jsonl', 'ndjson'],
    sniff: ({ lines: [first, ...rest] }) => isObjectText(first) && (rest.length > 0 || !holdsLists(first)),
    read: readJsonLines,
  },
  {
    name: 'json',
    endings: ['json'],
    sniff: ({ lines: [first] }) => /^\s*[[{]/.test(first),
    read: readJsonDocument,
  },
  {
    name: 'netflix',
    endings: [],
    sniff: ({ lines: [first] }) => FILM_LINE.test(first.trim()),
    read: readNetflix,
  },
  {
    name: 'matrixmarket',
    endings: ['mtx'],
    sniff: ({ lines: [first] }) => BANNER.test(first),
    read: readMatrixMarket,
  },
  { name: 'drawn', endings: ['md'], sniff: isDrawn, read: readDrawn },
  { name: 'mind', endings: [], sniff: isMind, read: readMind },
  { name: 'records', endings: [], sniff: areRecords, read: readRecords },
  { name: 'wide', endings: [], sniff: () => false, read: readWide },
  { name: 'baskets', endings: [], sniff: isCountedLists, read: readBaskets },
  { name: 'recbole', endings: ['inter', 'item', 'user'], sniff: isTyped, read: readFields },
  { name: 'lightgcn', endings: ['txt'], sniff: isLists, read: readLightgcn },
  { name: 'tsv', endings: ['tsv', 'tab'], sniff: () => false, read: readTabs },
  { name: 'csv', endings: ['csv', 'dat', 'data', 'psv'], sniff: () => true, read: readFields },
];

/**
 * The format that the ending of a file name stands for. The readers go by what a file holds; this is for applications
 * that want to know before they have it.
 *
 * @throws {OptionError} if the ending is not known
 */
export function detectFormat(fileName: string): Format {
  checkArgument(TEXT, fileName, 'fileName', 'detectFormat');
  const format = formatOfEnding(fileName);
  if (format) return format;
  const endings = TEXT_FORMATS.flatMap((known) => known.endings.map((ending) => `.${ending}`));
  const problem = `expected a name that ends in ${endings.join(', ')}, .parquet, received ${shown(fileName)}`;
  throw new OptionError('detectFormat', problem, `Name the format: ${FORMATS.join(', ')}`, 'format');
}

function formatOfEnding(fileName: string): Format | null {
  const plain = fileName.replace(/\.(gz|gzip|zst|zstd|zip)$/i, '');
  const ending = /\.([^./\\]+)$/.exec(plain)?.[1].toLowerCase() ?? '';
  if (ending === 'parquet') return 'parquet';
  return TEXT_FORMATS.find(({ endings }) => endings.includes(ending))?.name ?? null;
}

/** @throws {OptionError} for a format that does not exist */
export function assertFormat(format: Format | undefined): void {
  if (format === undefined || FORMATS.includes(format)) return;
  const problem = `expected one of ${FORMATS.join(', ')}, received ${shown(format)}`;
  throw new OptionError('format', problem, 'Pass one of these', 'format');
}

/**
 * The format of a text: the one that was named, or the one its beginning is of.
 *
 * @param head the first lines
 * @param isWhole whether they are the whole file
 * @throws {FormatError} for an empty file, and where lines could be two things
 */
export function textFormat(
  head: string,
  isWhole: boolean,
  name: string,
  asked: Format | undefined,
  hints: TableHints,
): { format: TextFormat; sample: Sample } {
  const sample = sampleOf(head, isWhole);
  if (sample.lines.length === 0)
    throw new FormatError(name, 'expected a header line or rows, the file is empty', 'Check the file');
  const named = TEXT_FORMATS.find((format) => format.name === asked);
  if (named) return { format: named, sample };
  assertTable(sample, name);
  const format = TEXT_FORMATS.find(({ sniff }) => sniff(sample, hints))!;
  const isRecBole = formatOfEnding(name) === 'recbole' && hasNames(sample, hints);
  if (isRecBole && format.name !== 'recbole') throw untyped(sample, name);
  if (format.name === 'csv' && hints.delimiter === undefined && isAllBlanks(sample))
    assertClear(sample, name);
  return { format, sample };
}

function isObjectText(line: string): boolean {
  if (!/^\s*\{/.test(line)) return false;
  try {
    parseJson(line);
    return true;
  } catch {
    return false;
  }
}

/** Whether an object may be a table as a whole: it has nothing but lists, objects or texts, or one list of objects. */
function holdsLists(line: string): boolean {
  const values = Object.values(parseJson(line) as object);
  const isNested = (value: unknown) => typeof value === 'object' && value !== null;
  const isRows = (value: unknown) => Array.isArray(value) && value.length > 1 && value.every(isNested);
  const areTexts = values.every((value) => typeof value === 'string');
  return values.length > 0 && (areTexts || values.every(isNested) || values.filter(isRows).length === 1);
}

function isCountedLists(sample: Sample, { delimiter, header, named }: TableHints): boolean {
  return delimiter === undefined && header === undefined && named.length === 0 && areCounted(sample);
}

function isTyped({ lines: [first] }: Sample): boolean {
  const cells = first.split(/[\t,;| ]+/).map((cell) => cell.trim());
  return cells.length > 0 && cells.every((cell) => /^.+:(token|token_seq|float|float_seq)$/.test(cell));
}

/** Whether no other delimiter than blanks is in the lines. */
function isAllBlanks({ lines }: Sample): boolean {
  return !lines.some((line) => line.includes('\u0001') || /[,;|:"^]/.test(line));
}

function isLists(sample: Sample, hints: TableHints): boolean {
  const { delimiter, header, named } = hints;
  const isComment = /^[#%]/.test(sample.lines[0]);
  if (delimiter !== undefined || header !== undefined || named.length > 0 || isComment) return false;
  if (arePairs(sample)) return !hasRepeatedFirsts(sample);
  return isAllBlanks(sample) && !hasNames(sample, hints) && listVerdict(sample) === 'lists';
}

/** Whether the first line has a name that columns bear. */
function hasNames({ lines: [first] }: Sample, { roles }: TableHints): boolean {
  return first
    .trim()
    .split(/[ \t,;|]+/)
    .some((cell) => roles.some((role) => isNameOf(role, cell)));
}

function assertClear(sample: Sample, name: string): void {
  if (/^[#%]/.test(sample.lines[0])) return;
  if (listVerdict(sample) !== 'doubtful') return;
  const widths = sample.lines.map((line) => line.trim().split(/[ \t]+/).length);
  const width = widths[0];
  if (widths.some((other) => other !== width)) {
    const problem =
      'expected a user before the items of each line, received lists of different lengths whose first field comes again';
    const remedy =
      'Name the format: baskets if each line is a list of items, lightgcn if its first field is a user';
    throw new FormatError(name, problem, remedy, 'format');
  }
  const problem = `expected rows or lists, received lines of ${width} numbers that can be a user, an item and a rating, or a user and ${width - 1} items`;
  throw new FormatError(
    name,
    problem,
    'Name the format: csv for columns, lightgcn for lists of items',
    'format',
  );
}

function untyped({ lines: [first], numbers: [line] }: Sample, name: string): FormatError {
  const cell = first.split(/[\t,]/)[0];
  const problem = `expected a RecBole header of name:type fields, received ${shown(cell)}`;
  return new FormatError(`${name}:${line}`, problem, 'Name the format if it is not recbole', 'format');
}
