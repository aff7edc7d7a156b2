import { FormatError } from '../../errors.ts';
import { eachLine, textOf } from './blocks.ts';
import type { FormatInput } from './formats.ts';

/** The first line of a file in the Matrix Market exchange format (NIST). */
export const BANNER = /^%%MatrixMarket\s+matrix\s+(\w+)\s+(\w+)\s+(\w+)/i;

/**
 * Reads a sparse matrix in the Matrix Market exchange format: a banner, comments, a line with the numbers of rows,
 * columns and entries, then a row, a column and a number an entry. A row is a user, a column an item.
 *
 * @throws {FormatError} for a dense or a symmetric matrix, and for one of complex numbers
 */
export async function readMatrixMarket({ blocks, sample, sink, counter }: FormatInput): Promise<string> {
  const [, layout = '', field = '', symmetry = ''] = BANNER.exec(sample.lines[0]) ?? [];
  if (!/^coordinate (real|integer|pattern|double) general$/i.test(`${layout} ${field} ${symmetry}`)) {
    const problem = `expected a sparse general matrix (coordinate real general), received ${layout} ${field} ${symmetry}`;
    throw new FormatError(counter.name, problem, 'Write it so, or as lines user,item,rating');
  }
  const hasValues = !/pattern/i.test(field);
  const names = hasValues ? ['row', 'column', 'value'] : ['row', 'column'];
  const entries = sample.lines.filter((line) => !line.startsWith('%')).slice(1);
  const rows = entries.map((line) => line.trim().split(/\s+/));
  sink.columns(
    { name: counter.name, names, hasHeader: false, sample: rows, decimalComma: false },
    null,
    true,
  );
  let isSize = true;
  for await (const block of blocks) {
    eachLine(textOf(block, counter.name), (text, index) => {
      if (text.trim() === '' || text.startsWith('%')) return;
      if (isSize) {
        isSize = false;
        return;
      }
      counter.report.lines++;
      const cells = text.trim().split(/\s+/);
      const problem = `expected ${names.length} numbers, received ${cells.length}`;
      if (cells.length === names.length) sink.row(cells, block.line + index);
      else counter.bad(block.line + index, problem, 'another number of fields');
    });
  }
  return 'Matrix Market, users in rows and items in columns';
}
