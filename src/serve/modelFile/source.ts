import { FormatError } from '../../errors.ts';
import { DAMAGED } from '../../format/json.ts';
import { requireTensor, type SafetensorsFile } from '../../format/safetensors.ts';
import type { Dtype, DtypeArrays } from '../../format/tensor.ts';

/** A tensor that may lie in a memory which grows: `data` is read anew at each use and never kept. */
export interface TensorRef<D extends Dtype = Dtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DtypeArrays[D];
}

/** What is asked of the contents of tensors; positions, −1 where all is well. */
export interface ContentChecks {
  /** The first NaN or infinity. */
  firstNonFinite(values: TensorRef<'F32'> | TensorRef<'F16'>): number;
  /** The first number that is less than the one before it, or negative. */
  firstDescent(numbers: TensorRef<'I32'>): number;
  /** The first row of a CSR matrix whose columns do not ascend within 0 … cols − 1. */
  firstBadRow(rowPtr: TensorRef<'I32'>, colIdx: TensorRef<'I32'>, cols: number): number;
}

/** A model file, wherever its bytes are. */
export interface ModelSource {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checks: ContentChecks;
  /** Whether it carries a checksum, which then was right. */
  readonly checked: boolean;
  has(tensor: string): boolean;
  /**
   * @throws {FormatError} when the tensor is missing or of another type or number of dimensions
   */
  tensor<D extends Dtype>(tensor: string, dtype: D, dimensions: number): TensorRef<D>;
  /** The type of a tensor; undefined for one that is missing. */
  dtype(tensor: string): Dtype | undefined;
}

/** A decoded file on the host. */
export function hostSource(file: SafetensorsFile): ModelSource {
  const has = (tensor: string) => Object.hasOwn(file.tensors, tensor);
  return {
    name: file.name,
    metadata: file.metadata,
    checks: HOST_CHECKS,
    checked: file.checked,
    has,
    tensor: (tensor, dtype, dimensions) => requireTensor(file, tensor, dtype, dimensions),
    dtype: (tensor) => (has(tensor) ? file.tensors[tensor].dtype : undefined),
  };
}

/** The checks in JavaScript. */
export const HOST_CHECKS: ContentChecks = {
  firstNonFinite(values) {
    if (values.dtype === 'F16') return values.data.findIndex((bits) => (bits & 0x7c00) === 0x7c00);
    return values.data.findIndex((value) => !Number.isFinite(value));
  },
  firstDescent(numbers) {
    const { data } = numbers;
    for (let n = 0; n < data.length; n++) if (data[n] < (n === 0 ? 0 : data[n - 1])) return n;
    return -1;
  },
  firstBadRow(rowPtr, colIdx, cols) {
    const [starts, columns] = [rowPtr.data, colIdx.data];
    for (let row = 0; row + 1 < starts.length; row++) {
      for (let at = starts[row], least = 0; at < starts[row + 1]; at++) {
        if (columns[at] < least || columns[at] >= cols) return row;
        least = columns[at] + 1;
      }
    }
    return -1;
  },
};

/** A tensor of the host. */
export function hostTensor<D extends Dtype>(
  dtype: D,
  data: DtypeArrays[D],
  shape: readonly number[] = [data.length],
): TensorRef<D> {
  return { dtype, shape, data };
}

/** A table of strings, decoded one by one when they are asked for. */
export class Strings {
  readonly count: number;
  readonly bytes: TensorRef<'U8'>;
  readonly offsets: TensorRef<'I32'>;
  readonly #where: string;
  /** Strings that have been asked for. */
  readonly #decoded = new Map<number, string>();

  /** @param where stands in errors: file and table */
  constructor(where: string, bytes: TensorRef<'U8'>, offsets: TensorRef<'I32'>) {
    this.#where = where;
    this.bytes = bytes;
    this.offsets = offsets;
    this.count = offsets.shape[0] - 1;
  }

  /** @throws {FormatError} when the bytes are no UTF-8 */
  at(n: number): string {
    const known = this.#decoded.get(n);
    if (known !== undefined) return known;
    const text = this.#decode(this.bytes.data, this.offsets.data, n);
    this.#decoded.set(n, text);
    return text;
  }

  /** Decodes a string anew when it is asked for again. */
  forget(n: number): void {
    this.#decoded.delete(n);
  }

  /** All of them. @throws {FormatError} when the bytes are no UTF-8 */
  all(): string[] {
    const [bytes, offsets] = [this.bytes.data, this.offsets.data];
    return Array.from({ length: this.count }, (_, n) => this.#decode(bytes, offsets, n));
  }

  #decode(bytes: Uint8Array, offsets: Int32Array, n: number): string {
    try {
      // A copy: decoders refuse memory that threads share.
      return DECODER.decode(bytes.slice(offsets[n], offsets[n + 1]));
    } catch {
      throw new FormatError(this.#where, `expected text in entry ${n}, received other bytes`, DAMAGED);
    }
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The table of strings called `table`. @throws {FormatError} when it is missing or its offsets do not ascend to its end */
export function readStrings(source: ModelSource, table: string): Strings {
  const bytes = source.tensor(`${table}.bytes`, 'U8', 1);
  const offsets = source.tensor(`${table}.offsets`, 'I32', 1);
  const ends = offsets.data;
  const [first, last] = [ends[0], ends[ends.length - 1]];
  if (first !== 0 || last !== bytes.shape[0] || source.checks.firstDescent(offsets) >= 0) {
    const problem = `expected ${table}.offsets to ascend from 0 to ${bytes.shape[0]}, received ${first} to ${last}`;
    throw new FormatError(source.name, problem, DAMAGED);
  }
  return new Strings(`${source.name}: ${table}`, bytes, offsets);
}
