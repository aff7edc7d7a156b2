import { float32ToHalf, halfToFloat32 } from '../../format/half.ts';
import { encodeRows, inverseNorms, type RowCodes } from '../../kernels/codes.ts';
import type { Block } from '../../runtime/blocks.ts';
import { type F32Buffer, type HalfMatrix, Matrix } from '../../runtime/buffers.ts';
import type { ModelMemory } from '../modelMemory.ts';

/** Kernels read so many bytes behind the codes of the last row, and behind its scale and error. */
const BEHIND_CODES = 16;
const BEHIND_SCALES = 16;

/** What makes an inner product with a row of length 1 a cosine: factors of scores, and the codes' scales with them. */
export interface Cosines {
  readonly factors: F32Buffer;
  /** null where there are no codes. */
  readonly codes: RowCodes | null;
}

/** One row in 8 bits. */
export interface CodedRow {
  readonly codes: Int8Array;
  readonly scale: number;
  readonly error: number;
}

/**
 * Rows of items `first`, `first + 1` …: those of a model file where they lie, or room for rows to come. They are kept as
 * f32 or f16, as codes, or as both.
 */
export class Segment {
  readonly first: number;
  readonly dim: number;
  /** Rows that there is room for. */
  readonly capacity: number;
  /** Rows in use. */
  count: number;
  readonly rows: Matrix | HalfMatrix | null;
  readonly #memory: ModelMemory;
  #codes: RowCodes | null;
  #cosines: Cosines | null = null;
  #cosinesBlock: Block | null = null;

  /** @param codes those of a file, null where there are none yet */
  constructor(
    memory: ModelMemory,
    first: number,
    count: number,
    dim: number,
    rows: Matrix | HalfMatrix | null,
    codes: RowCodes | null,
    capacity = count,
  ) {
    this.#memory = memory;
    this.first = first;
    this.count = count;
    this.dim = dim;
    this.capacity = capacity;
    this.rows = rows;
    this.#codes = codes;
  }

  /** An empty segment for `capacity` rows. */
  static empty(memory: ModelMemory, first: number, dim: number, capacity: number, hasRows: boolean): Segment {
    const rows = hasRows ? memory.allocate(capacity * dim * 4).matrix(0, capacity, dim) : null;
    const segment = new Segment(memory, first, 0, dim, rows, null, capacity);
    if (!rows) segment.#allocateCodes();
    return segment;
  }

  /** The rows in use; null where there are codes only. */
  get table(): Matrix | HalfMatrix | null {
    const { rows, count } = this;
    if (!(rows instanceof Matrix)) return rows;
    return rows.rows === count ? rows : rows.slice(0, count);
  }

  /** Whether an item's row is here. */
  holds(item: number): boolean {
    return item >= this.first && item < this.first + this.count;
  }

  /** The codes; null where none have been made. */
  get codes(): RowCodes | null {
    return this.#codes;
  }

  /** The codes, made when they are first asked for. */
  encoded(): RowCodes {
    if (this.#codes) return this.#codes;
    const codes = this.#allocateCodes();
    if (this.table) encodeRows(this.#memory.workspace, this.table, codes);
    return codes;
  }

  /** What makes cosines, made when it is first asked for. */
  cosines(): Cosines {
    if (this.#cosines && (this.#cosines.codes || !this.#codes)) return this.#cosines;
    this.#forgetCosines();
    const { capacity, dim } = this;
    const bytes = capacity * 4 + BEHIND_SCALES;
    const block = this.#memory.allocate(3 * bytes);
    const factors = block.f32(0, capacity);
    const codes = this.#codes;
    inverseNorms(this.#memory.workspace, this.table ?? { codes: codes!, rows: this.count, dim }, factors);
    this.#cosinesBlock = block;
    this.#cosines = { factors, codes: codes && this.#scaled(codes, factors, block, bytes) };
    return this.#cosines;
  }

  /** A row as f32 numbers. */
  row(n: number): Float32Array<ArrayBuffer> {
    const { dim, rows } = this;
    const [begin, end] = [n * dim, (n + 1) * dim];
    if (rows instanceof Matrix) return rows.view.slice(begin, end);
    if (rows) return halfToFloat32(rows.view.subarray(begin, end));
    const scale = this.#codes!.scales.view[n];
    const bytes = this.#codes!.codes.view;
    const values = new Float32Array(dim);
    for (let c = 0; c < dim; c++) values[c] = ((bytes[begin + c] << 24) >> 24) * scale;
    return values;
  }

  /** A row in 8 bits. */
  codedRow(n: number): CodedRow {
    const { codes, scales, errors } = this.encoded();
    const bytes = codes.view.slice(n * this.dim, (n + 1) * this.dim);
    return { codes: new Int8Array(bytes.buffer), scale: scales.view[n], error: errors.view[n] };
  }

  /** Overwrites a row, or puts one behind the last. What is made from rows is made anew. */
  setRow(n: number, values: Float32Array): void {
    this.count = Math.max(this.count, n + 1);
    if (this.rows instanceof Matrix) this.rows.view.set(values, n * this.dim);
    else this.rows?.view.set(float32ToHalf(values), n * this.dim);
    if (this.#codes) this.#encodeOne(n, values);
    this.#forgetCosines();
  }

  #encodeOne(n: number, values: Float32Array): void {
    const { workspace } = this.#memory;
    const mark = workspace.mark();
    const { codes, scales, errors } = this.#codes!;
    const own = {
      codes: workspace.bytes(this.dim + BEHIND_CODES),
      scales: workspace.f32(4),
      errors: workspace.f32(4),
    };
    encodeRows(workspace, workspace.matrixFrom(values, 1, this.dim, this.dim), own);
    codes.view.set(own.codes.view.subarray(0, this.dim), n * this.dim);
    scales.view[n] = own.scales.view[0];
    // Codes that nothing bounds have no errors of their own.
    if (errors !== scales) errors.view[n] = own.errors.view[0];
    workspace.release(mark);
  }

  #allocateCodes(): RowCodes {
    const { capacity, dim } = this;
    const codeBytes = Math.ceil((capacity * dim + BEHIND_CODES) / 16) * 16;
    const scaleBytes = capacity * 4 + BEHIND_SCALES;
    const block = this.#memory.allocate(codeBytes + 2 * scaleBytes);
    this.#codes = {
      codes: block.u8(0, capacity * dim),
      scales: block.f32(codeBytes, capacity),
      errors: block.f32(codeBytes + scaleBytes, capacity),
    };
    return this.#codes;
  }

  /** The codes with scales and errors times the factors. */
  #scaled({ codes, scales, errors }: RowCodes, { view }: F32Buffer, block: Block, bytes: number): RowCodes {
    const own = {
      codes,
      scales: block.f32(bytes, this.capacity),
      errors: block.f32(2 * bytes, this.capacity),
    };
    own.scales.view.set(scales.view.map((scale, n) => scale * view[n]));
    // Rounded up: a bound may be too large, never too small.
    own.errors.view.set(errors.view.map((error, n) => error * view[n] * (1 + 1e-6)));
    return own;
  }

  #forgetCosines(): void {
    if (this.#cosinesBlock) this.#memory.free(this.#cosinesBlock);
    this.#cosinesBlock = null;
    this.#cosines = null;
  }
}
