import { OptionError, shown } from '../../errors.ts';
import { FUNCTION, having, ITERABLE, TEXT } from '../../options/arguments.ts';
import { type Block, eachLine, textOf } from './blocks.ts';
import type { FormatInput } from './formats.ts';
import { ObjectRows } from './jsonRows.ts';

/**
 * A format of your own, for `format` of `readInteractions` and `readCatalogue`: text that is turned into rows.
 *
 * @example
 * const format: OwnFormat = {
 *   name: 'pairs',
 *   async *rows(lines) {
 *     for await (const line of lines) {
 *       const [user, item] = line.split(' likes ');
 *       yield { user, item };
 *     }
 *   },
 * };
 * const { interactions } = await readInteractions('ada likes tea\nbob likes tea\n', { format });
 */
export interface OwnFormat {
  /** Stands in the report. */
  readonly name: string;
  /**
   * The rows of a file, each an object with a cell for each of its columns: texts, numbers, truth values, lists, null.
   * Columns that bear a usual name (`user_id`, `item_id`, `rating` …) are found as in any file. What is no object makes a bad
   * line, at the line that was asked for last.
   *
   * @param lines without their ends, decoded and unpacked; blank ones too
   */
  rows(lines: AsyncIterable<string>): AsyncIterable<unknown> | Iterable<unknown>;
}

/** Whatever has the members of a format. */
export const OWN_FORMAT = having<OwnFormat>('a format { name, rows }', { name: TEXT, rows: FUNCTION });

/**
 * Reads a file by a function from lines to rows: what a further format of this package is made of, or one of the caller's.
 * @throws {OptionError} when the function gives nothing that can be gone through
 */
export async function readRows(
  format: OwnFormat,
  { blocks, sink, counter, hints }: FormatInput,
): Promise<string> {
  const table = new ObjectRows(sink, counter, 'an object of cells by column', hints);
  const place = { line: 1 };
  const rows: unknown = format.rows(linesOf(blocks, counter.name, place));
  if (!isIterable(rows)) {
    const problem = `expected the rows of format ${format.name} to be iterable, received ${shown(rows)}`;
    throw new OptionError(counter.name, problem, 'Make rows a generator', 'format');
  }
  for await (const row of rows) table.take(row, place.line, shown(row));
  table.end();
  return format.name;
}

function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return ITERABLE.is(value) || (typeof value === 'object' && value !== null && Symbol.asyncIterator in value);
}

/** Lines one by one; `place` tells the number of the latest. */
async function* linesOf(
  blocks: AsyncIterable<Block>,
  name: string,
  place: { line: number },
): AsyncGenerator<string, void, undefined> {
  for await (const block of blocks) {
    const lines: string[] = [];
    eachLine(textOf(block, name), (text) => lines.push(text));
    for (const [n, line] of lines.entries()) {
      place.line = block.line + n;
      yield line;
    }
  }
}
