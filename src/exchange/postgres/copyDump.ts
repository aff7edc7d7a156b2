import { DataError, ShapeError, shown } from '../../errors.ts';
import type { FactorMatrix } from '../factors/matrix.ts';

/** An id, a tab, and a vector as pgvector writes it. */
const LINE = /^([^\t\n]*)\t\[([-+.\deE,]*)\]\r?$/;

/** A line of names, which `COPY … (HEADER)` writes. */
const HEADER = /^\w+\t\w+\r?$/;

const UNESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', v: '\v' };

/** Whether a file begins as `\copy (SELECT id, factors FROM …) TO` writes it: tabs between an id and a vector, no quotes. */
export function isCopyDump(bytes: Uint8Array): boolean {
  const [first, second = ''] = new TextDecoder().decode(bytes.subarray(0, 1 << 16)).split('\n');
  return LINE.test(first) || (HEADER.test(first) && (LINE.test(second) || /^[^\t]*\t\[/.test(second)));
}

/**
 * The rows of a dump in the text format of COPY: an id and a vector or halfvec in each line.
 * @throws {DataError} for a line that is none, with its number
 * @throws {ShapeError} for vectors of different widths
 */
export function factorsFromCopy(bytes: Uint8Array, name: string): FactorMatrix {
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  // psql ends what it writes into a script so.
  if (lines.at(-1) === '\\.') lines.pop();
  const first = HEADER.test(lines[0]) ? 1 : 0;
  const ids: string[] = [];
  const rows: Float32Array[] = [];
  for (const [n, line] of lines.entries()) {
    if (n < first) continue;
    const [, id, numbers] = LINE.exec(line) ?? [];
    if (id === undefined || id === '\\N' || numbers === '') {
      const problem = `expected an id and a vector, received ${shown(line)}`;
      throw new DataError(
        `${name}:${n + 1}`,
        problem,
        'Write them with \\copy (SELECT id, factors FROM …) TO',
      );
    }
    const row = Float32Array.from(numbers.split(','), Number);
    if (rows.length > 0 && row.length !== rows[0].length) {
      const problem = `expected vectors of width ${rows[0].length}, received ${row.length}`;
      throw new ShapeError(`${name}:${n + 1}`, problem, 'Write vectors of one model');
    }
    ids.push(id.replace(/\\(.)/g, (_, character) => UNESCAPED[character] ?? character));
    rows.push(row);
  }
  const dim = rows[0]?.length ?? 0;
  const values = new Float32Array(rows.length * dim);
  for (const [n, row] of rows.entries()) values.set(row, n * dim);
  return { name, rows: rows.length, dim, values, ids };
}
