import { FormatError, UnsupportedError } from '../../errors.ts';
import { asTooLong, blocksOf, endsInCr } from './blocks.ts';
import { textFormat } from './chosenFormat.ts';
import { unpacked } from './containers.ts';
import { asUtf8, encodingOf } from './encoding.ts';
import type { Format, TableHints } from './formats.ts';
import type { OwnFormat } from './ownFormat.ts';
import { readParquet } from './parquet.ts';
import type { LineCounter } from './report.ts';
import { bytesOf, collected, peek, type Source } from './source.ts';
import type { TableSink } from './table.ts';

/**
 * How a table is read; what is left out is told by its first bytes and lines.
 *
 * @example
 * const options: TableOptions = { delimiter: ';', header: false, encoding: 'windows-1252', decimal: ',' };
 * const { interactions } = await readInteractions('7;tea;4,5\n8;tea;3,0\n', options);
 */
export interface TableOptions {
  /** by its name, or one of your own. Default: by what the file holds */
  format?: Format | OwnFormat;
  /** between fields, e.g. `;`, `::`, a tab; a blank stands for runs of spaces and tabs */
  delimiter?: string;
  /** whether the first line names the columns */
  header?: boolean;
  /** by a name of the WHATWG Encoding Standard, e.g. `windows-1252` */
  encoding?: string;
  /** `,` where 4,5 is a number. Default: by the numbers there are */
  decimal?: '.' | ',';
  /** which file of a zip archive with several is meant */
  member?: string;
  signal?: AbortSignal;
}

/** How much of a file tells what it is. */
const HEAD = 1 << 16;
/** A header and rows, as wide as tables of users by items are. */
const FIRST_LINES = { least: 4, most: 1 << 22 };

/**
 * Hands the rows of a table to a sink. Whatever it is packed in, encoded with and separated by is told by what it
 * holds, not by its name: gzip, zstd, zip; UTF-8, UTF-16; Parquet, JSON in lines, arrays and documents, Python
 * literals, RecBole, LightGCN, the Netflix Prize; fields between any delimiter, with and without a header, quotes,
 * comments and a line `sep=`; line ends LF, CRLF and CR.
 *
 * @returns what it was, in a few words
 * @throws {FormatError} for an empty file, one that is no table, and one whose beginning could be two things, with the
 *   option that says which
 * @throws {DataError} for a bad line, unless `counter` skips it
 * @throws {OptionError} for an option that does not exist
 */
export async function readTable(
  source: Source,
  options: TableOptions,
  hints: Pick<TableHints, 'named' | 'roles'>,
  sink: TableSink,
  counter: LineCounter,
): Promise<string> {
  const file = await unpacked(bytesOf(source, options.signal), counter.name, options.member);
  const packed = file.packing.length > 0 ? ` (${file.packing.join(', ')})` : '';
  if (file.isParquet) {
    assertAsked(options, 'parquet', counter.name);
    return `${await readParquet(await collected(file.bytes), sink, counter)}${packed}`;
  }
  if (options.format === 'parquet') {
    throw new FormatError(
      counter.name,
      'expected Parquet, received another file',
      'Leave the format out',
      'format',
    );
  }
  const raw = await peek(file.bytes, HEAD);
  const encoding = encodingOf(raw.head, counter.name, options.encoding);
  const decoded = asUtf8(raw.bytes, encoding, counter.name);
  const { head, bytes, isWhole } = await peek(decoded, HEAD, FIRST_LINES);
  const fromCr = endsInCr(head);
  const text = new TextDecoder().decode(head);
  const { delimiter, header, decimal } = options;
  const allHints = { ...hints, delimiter, header, decimal };
  const lines = fromCr ? text.replaceAll('\r', '\n') : text;
  const { format, sample } = textFormat(
    lines,
    isWhole || head.length < HEAD,
    file.name,
    options.format,
    allHints,
  );
  const input = { blocks: blocksOf(bytes, fromCr), sample, sink, counter, hints: allHints };
  const words = await format.read(input).catch((error) => {
    throw asTooLong(error, input.counter.name);
  });
  return `${words}${encoding === 'utf-8' ? '' : `, ${encoding}`}${packed}`;
}

/** @throws {UnsupportedError} where another format than the one that was found is asked for */
export function assertAsked({ format }: TableOptions, found: Format, name: string): void {
  if (format === undefined || format === found) return;
  const asked = typeof format === 'string' ? format : format.name;
  const problem = `expected ${asked}, received ${found}`;
  throw new UnsupportedError(name, problem, 'Leave the format out, or name it as it is', 'format');
}
