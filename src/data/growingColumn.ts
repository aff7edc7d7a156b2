type Column = Int32Array | Float32Array | Float64Array;

const BITS = 16;
const BLOCK = 1 << BITS;

/** A column of numbers that grows by blocks: growing copies nothing, and the column never lies in memory twice. */
export class GrowingColumn<T extends Column> {
  readonly #make: (length: number) => T;
  #blocks: T[] = [];
  #last: T;
  #length = 0;

  /** @param make a new array of a length, all zeros */
  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#last = make(0);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length++ & (BLOCK - 1);
    if (at === 0) {
      this.#last = this.#make(BLOCK);
      this.#blocks.push(this.#last);
    }
    this.#last[at] = value;
  }

  /** All entries in one array; the column is empty afterwards, and each block is let go once it is copied. */
  release(): T {
    const whole = this.#make(this.#length);
    const blocks = this.#blocks.reverse();
    for (let start = 0; start < this.#length; start += BLOCK) {
      const block = blocks.pop()!;
      whole.set(block.subarray(0, Math.min(BLOCK, this.#length - start)), start);
    }
    this.#blocks = [];
    this.#last = this.#make(0);
    this.#length = 0;
    return whole;
  }
}

/** A growing column of numbers that may be missing, as NaN; it takes no room until the first number. */
export class OptionalColumn<T extends Float32Array | Float64Array> {
  readonly #column: GrowingColumn<T>;
  /** rows before the first number */
  #before = 0;

  constructor(make: (length: number) => T) {
    this.#column = new GrowingColumn(make);
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
