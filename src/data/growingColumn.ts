type Column = Int32Array | Float32Array | Float64Array;

/** `Int32Array`, `Float32Array` or `Float64Array`. */
interface ColumnType<T extends Column> {
  new (length: number): T;
  new (buffer: ArrayBuffer): T;
}

const BITS = 16;
const BLOCK = 1 << BITS;

/** A column of numbers that grows by blocks: growing copies no more than one, and the column never lies in memory twice. */
export class GrowingColumn<T extends Column> {
  readonly #type: ColumnType<T>;
  /** full ones */
  #blocks: T[] = [];
  /** the entries behind the full blocks, as many as `#length` says */
  #last: T;
  #length = 0;

  constructor(type: ColumnType<T>) {
    this.#type = type;
    this.#last = new type(0);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length++ & (BLOCK - 1);
    if (at === 0) this.#startBlock();
    this.#last[at] = value;
  }

  #startBlock(): void {
    if (this.#length === 1) this.#last = new this.#type(BLOCK);
    else this.#blocks.push(resizableCopy(this.#type, this.#last));
  }

  /** All entries in one array; the column is empty afterwards, and each block is given back once it is copied. */
  release(): T {
    const whole = new this.#type(this.#length);
    const blocks = this.#blocks;
    for (let n = 0; n < blocks.length; n++) {
      whole.set(blocks[n], n * BLOCK);
      giveBack(blocks[n].buffer as ResizableBuffer);
    }
    const start = blocks.length * BLOCK;
    whole.set(this.#last.subarray(0, this.#length - start), start);
    this.#blocks = [];
    this.#last = new this.#type(0);
    this.#length = 0;
    return whole;
  }
}

/** A buffer as ECMAScript 2024 has it; older engines ignore the largest length, and have no `resize`. */
interface ResizableBuffer extends ArrayBuffer {
  resize?(bytes: number): void;
}
type ResizableBufferType = new (bytes: number, options: { maxByteLength: number }) => ResizableBuffer;

/** The same entries where `giveBack` can free them. Entries of such arrays are slower to reach. */
function resizableCopy<T extends Column>(type: ColumnType<T>, entries: T): T {
  const bytes = entries.byteLength;
  const copy = new type(new (ArrayBuffer as ResizableBufferType)(bytes, { maxByteLength: bytes }));
  copy.set(entries);
  return copy;
}

/**
 * Returns the memory of a buffer to the system at once. A collection of garbage would come too late: engines count
 * buffers of hundreds of megabytes for little, and start none within a loop that only copies.
 */
function giveBack(buffer: ResizableBuffer): void {
  buffer.resize?.(0);
}

/** A growing column of numbers that may be missing, as NaN; it takes no room until the first number. */
export class OptionalColumn<T extends Float32Array | Float64Array> {
  readonly #column: GrowingColumn<T>;
  /** rows before the first number */
  #before = 0;

  constructor(type: ColumnType<T>) {
    this.#column = new GrowingColumn(type);
  }

  push(value: number): void {
    if (this.#column.length === 0 && Number.isNaN(value)) {
      this.#before++;
      return;
    }
    for (; this.#before > 0; this.#before--) this.#column.push(Number.NaN);
    this.#column.push(value);
  }

  /** As `GrowingColumn.release`; null if there was no number. */
  release(): T | null {
    return this.#column.length === 0 ? null : this.#column.release();
  }
}
