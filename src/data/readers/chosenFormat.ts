import { FormatError, shown } from '../../errors.ts';
import { type Sample, sampleOf } from './dialect.ts';
import {
  type Format,
  formatOfEnding,
  type TableHints,
  TEXT_FORMAT_ENTRIES,
  type TextFormat,
} from './formats.ts';
import { listVerdict } from './lightgcn.ts';
import { assertTable } from './otherTexts.ts';
import { type OwnFormat, readRows } from './ownFormat.ts';
import { hasNames, isAllBlanks } from './sniffs.ts';

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
  asked: Format | OwnFormat | undefined,
  hints: TableHints,
): { format: Pick<TextFormat, 'name' | 'read'>; sample: Sample } {
  const sample = sampleOf(head, isWhole);
  if (sample.lines.length === 0)
    throw new FormatError(name, 'expected a header line or rows, the file is empty', 'Check the file');
  const named =
    typeof asked === 'object'
      ? ownFormat(asked)
      : TEXT_FORMAT_ENTRIES.find((format) => format.name === asked);
  if (named) return { format: named, sample };
  assertTable(sample, name);
  const format = TEXT_FORMAT_ENTRIES.find(({ sniff }) => sniff(sample, hints))!;
  const isRecBole = formatOfEnding(name) === 'recbole' && hasNames(sample, hints);
  if (isRecBole && format.name !== 'recbole') throw untyped(sample, name);
  if (format.name === 'csv' && hints.delimiter === undefined && isAllBlanks(sample))
    assertClear(sample, name);
  return { format, sample };
}

/** A format of the caller's own as one of ours. */
function ownFormat(format: OwnFormat): Pick<TextFormat, 'name' | 'read'> {
  return { name: format.name, read: (input) => readRows(format, input) };
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
