import { OptionError, shown } from '../../errors.ts';
import { checkArgument, TEXT } from '../../options/arguments.ts';
import { readBaskets } from './baskets.ts';
import type { Block } from './blocks.ts';
import type { Sample } from './dialect.ts';
import { isDrawn, readDrawn } from './drawnTable.ts';
import { readFields, readTabs } from './fieldsFormat.ts';
import type { ColumnHints } from './header.ts';
import { readJsonDocument } from './jsonDocument.ts';
import { readJsonLines, readPythonLines } from './jsonLines.ts';
import { readLightgcn } from './lightgcn.ts';
import { BANNER, readMatrixMarket } from './matrixMarket.ts';
import { isMind, readMind } from './mind.ts';
import { FILM_LINE, readNetflix } from './netflix.ts';
import { areRecords, readRecords } from './records.ts';
import type { LineCounter } from './report.ts';
import { holdsLists, isCountedLists, isLists, isObjectText, isTyped } from './sniffs.ts';
import type { TableSink } from './table.ts';
import { readWide } from './wide.ts';

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

/** A format of text. */
export interface TextFormat<Name extends string = string> {
  readonly name: Name;
  /** endings of files that hold it, for `detectFormat` */
  readonly endings: readonly string[];
  /** a small file of this format, of two interactions or more */
  readonly example: string;
  /** whether a beginning is of this format; the first of the list that says so is taken */
  sniff(sample: Sample, hints: TableHints): boolean;
  /** Reads all rows and says in a few words what they were. */
  read(input: FormatInput): Promise<string>;
}

/** All formats of text, in the order in which a beginning is held against them. A new one is a line here. */
const TEXT_FORMATS = [
  {
    name: 'python',
    endings: [],
    example: "{u'user_id': u'a', u'item_id': u'x'}\n{u'user_id': u'b', u'item_id': u'y'}\n",
    sniff: ({ lines: [first] }) => /^\s*\{\s*(u|b)?'/i.test(first) || /^\s*\{\s*u"/.test(first),
    read: readPythonLines,
  },
  {
    name: 'jsonl',
    endings: ['jsonl', 'ndjson'],
    example: '{"user_id":"a","item_id":"x"}\n{"user_id":"b","item_id":"y"}\n',
    sniff: ({ lines: [first, ...rest] }) => isObjectText(first) && (rest.length > 0 || !holdsLists(first)),
    read: readJsonLines,
  },
  {
    name: 'json',
    endings: ['json'],
    example: '[{"user_id":"a","item_id":"x"},\n{"user_id":"b","item_id":"y"}]\n',
    sniff: ({ lines: [first] }) => /^\s*[[{]/.test(first),
    read: readJsonDocument,
  },
  {
    name: 'netflix',
    endings: [],
    example: '1:\n7,3,2005-09-06\n8,5,2005-10-19\n2:\n7,4,2005-12-26\n',
    sniff: ({ lines: [first] }) => FILM_LINE.test(first.trim()),
    read: readNetflix,
  },
  {
    name: 'matrixmarket',
    endings: ['mtx'],
    example: '%%MatrixMarket matrix coordinate integer general\n2 2 2\n1 1 5\n2 2 4\n',
    sniff: ({ lines: [first] }) => BANNER.test(first),
    read: readMatrixMarket,
  },
  {
    name: 'drawn',
    endings: ['md'],
    example: '| user_id | item_id |\n| --- | --- |\n| a | x |\n| b | y |\n',
    sniff: isDrawn,
    read: readDrawn,
  },
  {
    name: 'mind',
    endings: [],
    example: '1\tU1\t11/13/2019 8:36:57 AM\tN1 N2\tN3-1 N4-0\n2\tU2\t11/13/2019 9:36:57 AM\tN1\tN4-1\n',
    sniff: isMind,
    read: readMind,
  },
  {
    name: 'records',
    endings: [],
    example:
      'product/productId: x\nreview/userId: a\nreview/score: 5.0\n\nproduct/productId: y\nreview/userId: b\nreview/score: 4.0\n',
    sniff: areRecords,
    read: readRecords,
  },
  { name: 'wide', endings: [], example: 'user_id,x,y\na,5,0\nb,0,4\n', sniff: () => false, read: readWide },
  {
    name: 'baskets',
    endings: [],
    example: 'milk,bread\nbread,butter,milk\n',
    sniff: isCountedLists,
    read: readBaskets,
  },
  {
    name: 'recbole',
    endings: ['inter', 'item', 'user'],
    example: 'user_id:token\titem_id:token\na\tx\nb\ty\n',
    sniff: isTyped,
    read: readFields,
  },
  {
    name: 'lightgcn',
    endings: ['txt'],
    example: '0 3 4 9\n1 3 5\n2 4\n',
    sniff: isLists,
    read: readLightgcn,
  },
  {
    name: 'tsv',
    endings: ['tsv', 'tab'],
    example: 'user_id\titem_id\na\tx\nb\ty\n',
    sniff: () => false,
    read: readTabs,
  },
  {
    name: 'csv',
    endings: ['csv', 'dat', 'data', 'psv'],
    example: 'user_id,item_id\na,x\nb,y\n',
    sniff: () => true,
    read: readFields,
  },
] as const satisfies readonly TextFormat[];

/** All formats of text. */
export const TEXT_FORMAT_ENTRIES: readonly TextFormat<Format>[] = TEXT_FORMATS;

/**
 * One of `FORMATS`.
 *
 * @example
 * const format: Format = 'csv';
 * const { interactions } = await readInteractions(ratingsCsv, { format });
 */
export type Format = (typeof TEXT_FORMATS)[number]['name'] | 'parquet';

/**
 * The formats that can be read.
 *
 * @example
 * FORMATS.includes('parquet'); // → true
 */
export const FORMATS: readonly Format[] = [...TEXT_FORMATS.map(({ name }) => name).reverse(), 'parquet'];

/**
 * The format that the ending of a file name stands for. The readers go by what a file holds; this is for applications
 * that want to know before they have it.
 *
 * @throws {OptionError} if the ending is not known
 * @example
 * detectFormat('clicks.jsonl.gz'); // → 'jsonl'
 */
export function detectFormat(fileName: string): Format {
  checkArgument(TEXT, fileName, 'fileName', 'detectFormat');
  const format = formatOfEnding(fileName);
  if (format) return format;
  const endings = TEXT_FORMAT_ENTRIES.flatMap((known) => known.endings.map((ending) => `.${ending}`));
  const problem = `expected a name that ends in ${endings.join(', ')}, .parquet, received ${shown(fileName)}`;
  throw new OptionError('detectFormat', problem, `Name the format: ${FORMATS.join(', ')}`, 'format');
}

/** The format whose files end so, compressed or not; null where the ending is not known. */
export function formatOfEnding(fileName: string): Format | null {
  const plain = fileName.replace(/\.(gz|gzip|zst|zstd|zip)$/i, '');
  const ending = /\.([^./\\]+)$/.exec(plain)?.[1].toLowerCase() ?? '';
  if (ending === 'parquet') return 'parquet';
  return TEXT_FORMAT_ENTRIES.find(({ endings }) => endings.includes(ending))?.name ?? null;
}
