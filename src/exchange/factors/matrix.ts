import { DataError, FormatError, ShapeError } from '../../errors.ts';
import { firstNonFinite } from '../../format/finite.ts';
import { bfloat16ToFloat32, halfToFloat32 } from '../../format/half.ts';
import { findDuplicate } from '../../format/stringTable.ts';
import type { Tensor } from '../../format/tensor.ts';

/** Rows of users or items as a file holds them. */
export interface FactorMatrix {
  /** The file, and the array in it, for messages. */
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  /** [rows × dim] */
  readonly values: Float32Array;
  /** null where the file has none. */
  readonly ids: readonly string[] | null;
}

/** Rows with their ids. */
export interface Factors {
  readonly ids: readonly string[];
  readonly dim: number;
  /** [ids.length × dim] */
  readonly values: Float32Array;
}

/** The rows that a file holds of both. */
export interface FactorPair {
  readonly items: FactorMatrix;
  readonly users: FactorMatrix | null;
}

/** What RecBole calls the row that stands for nobody, its first. */
const PADDING = '[PAD]';

/** A matrix of floats of any width. @throws {FormatError} for another shape or type */
export function matrixOf(
  name: string,
  { dtype, shape, data }: Tensor,
  ids: readonly string[] | null = null,
): FactorMatrix {
  const values = floatsOf(dtype, data);
  if (shape.length !== 2 || !values) {
    const problem = `expected a matrix of F16, BF16, F32 or F64, received ${dtype} of shape [${shape.join(', ')}]`;
    throw new FormatError(name, problem, 'Save rows of users or items');
  }
  return { name, rows: shape[0], dim: shape[1], values, ids };
}

function floatsOf(dtype: Tensor['dtype'], data: Tensor['data']): Float32Array | null {
  if (dtype === 'F32') return data as Float32Array;
  if (dtype === 'F64') return new Float32Array(data as Float64Array);
  if (dtype === 'F16') return halfToFloat32(data as Uint16Array);
  return dtype === 'BF16' ? bfloat16ToFloat32(data as Uint16Array) : null;
}

/**
 * Rows with their ids: those of the file, or of a list beside it, one for each row. The padding of RecBole, whose id is `[PAD]`, is
 * left out.
 *
 * @param listed ids of a list, with its name; null where there is none
 * @throws {DataError} without ids, and for empty or repeated ones, and for NaN or Inf
 * @throws {ShapeError} for another number of ids than of rows
 */
export function withIds(
  matrix: FactorMatrix,
  kind: 'user' | 'item',
  listed: { readonly ids: readonly string[]; readonly name: string } | null,
): Factors {
  const ids = listed?.ids ?? matrix.ids;
  if (!ids) {
    const problem = `expected ${kind} ids in the file or beside it, received none`;
    throw new DataError(matrix.name, problem, `Name a file with an id in each line: --${kind}-ids`);
  }
  const where = listed?.name ?? matrix.name;
  if (ids.length !== matrix.rows) {
    const problem = `expected ${matrix.rows} ${kind} ids, one for each row of ${matrix.name}, received ${ids.length}`;
    const hint =
      ids.length === matrix.rows - 1
        ? `Where row 0 stands for nobody, as in RecBole, let the first id be ${PADDING}`
        : 'Bring the ids that these rows were trained with';
    throw new ShapeError(where, problem, hint);
  }
  checkIds(where, kind, ids);
  const first = ids[0] === PADDING ? 1 : 0;
  const values = first === 0 ? matrix.values : matrix.values.subarray(first * matrix.dim);
  const at = firstNonFinite(values);
  if (at >= 0) {
    const id = ids[first + Math.floor(at / matrix.dim)];
    const problem = `expected finite factors, received ${values[at]} for ${kind} ${id}`;
    throw new DataError(matrix.name, problem, 'Train again with a lower learning rate');
  }
  return { ids: ids.slice(first), dim: matrix.dim, values };
}

function checkIds(where: string, kind: string, ids: readonly string[]): void {
  const blank = ids.findIndex((id) => id.trim() === '');
  if (blank >= 0)
    throw new DataError(where, `expected ${kind} ids, received a blank one in row ${blank}`, 'Mend it');
  const pair = findDuplicate(ids);
  if (!pair) return;
  const problem = `expected unique ${kind} ids, received ${ids[pair[0]]} in rows ${pair[0]} and ${pair[1]}`;
  throw new DataError(where, problem, 'Keep one row of each');
}

/** The ids of a list: one a line; a byte order mark, CRLF and a last line end are accepted. */
export function idLines(text: string): string[] {
  const ids = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (ids.at(-1) === '') ids.pop();
  return ids;
}
