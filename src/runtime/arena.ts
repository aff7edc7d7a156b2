import { BudgetError } from '../errors.ts';

const PAGE_BYTES = 65536;
/** Every allocation starts on a cache line, */
const ALIGNMENT_BYTES = 64;
/** and a large one on a page of the processor: a row of 512 bytes, of which SpMM gathers many, then lies in one. */
const LARGE_BYTES = 2 ** 20;
const PROCESSOR_PAGE_BYTES = 4096;

/**
 * One linear memory from an address on, as a bump arena: allocations follow each other and `release` frees everything
 * since a `mark`. Without a memory it only counts: the same allocations have the same distances, and none can be read.
 *
 * ```
 * 0          heap_base                     mark                top         memory.buffer.byteLength
 * ├ static ──┼ gemm scratch ┼ job's tables ┼ temporaries ──────┼ free ─────┤   grows by pages of 64 KiB
 *                           └ start, on a page of the processor: what a job needs does not depend on what lies before
 * ```
 */
export class Arena {
  readonly #memory: WebAssembly.Memory | null;
  /** All bytes of the memory, made anew when it grows: nothing but `#grow` lets it grow. */
  #bytes: Uint8Array<ArrayBuffer>;
  readonly #maxBytes: number;
  readonly #start: number;
  #top: number;
  /** Bytes below this address have been used before and are cleared when they are allocated again. */
  #dirty: number;

  /**
   * @param memory null: only counts, without a limit
   * @param from the first address that is free
   */
  constructor(memory: WebAssembly.Memory | null, maxBytes: number, from: number) {
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory?.buffer ?? new ArrayBuffer(0));
    this.#maxBytes = maxBytes;
    this.#start = align(from, PROCESSOR_PAGE_BYTES);
    this.#top = this.#start;
    this.#dirty = this.#start;
  }

  /** The memory's buffer; a new object after every growth, so it is never kept. */
  get buffer(): ArrayBuffer {
    return this.#bytes.buffer;
  }

  /** Bytes in use. */
  get usedBytes(): number {
    return this.#top;
  }

  /** The most bytes that allocations have taken at a time, with what lies between them. */
  get peakBytes(): number {
    return this.#dirty - this.#start;
  }

  /** A position to `release` to. */
  mark(): number {
    return this.#top;
  }

  /** Frees everything allocated since the mark; handles from that time must not be used any more. */
  release(mark: number): void {
    this.#top = mark;
  }

  /**
   * Where only counting: what `layout` allocates is needed some time behind everything that is allocated now, and freed again.
   * It stands at the end of a job's layout. In a memory there is nothing to do.
   */
  foresee(layout: () => unknown): void {
    if (this.#memory) return;
    const mark = this.mark();
    layout();
    this.release(mark);
  }

  /** Makes sure of so many bytes from the start on. @throws {BudgetError} as `allocate` */
  reserve(bytes: number): void {
    this.#grow(this.#start + bytes);
  }

  /** Address of so many bytes, all zero. @throws {BudgetError} where the limit or the host does not allow them */
  protected allocate(bytes: number): number {
    const start = bytes < LARGE_BYTES ? this.#top : align(this.#top, PROCESSOR_PAGE_BYTES);
    const end = align(start + bytes);
    if (this.#memory) {
      this.#grow(end);
      if (start < this.#dirty) this.#bytes.fill(0, start, Math.min(end, this.#dirty));
    }
    this.#top = end;
    this.#dirty = Math.max(this.#dirty, end);
    return start;
  }

  #grow(end: number): void {
    if (end > this.#maxBytes) this.#refuse(end);
    const missing = end - this.#bytes.length;
    if (missing <= 0) return;
    try {
      this.#memory?.grow(Math.ceil(missing / PAGE_BYTES));
      this.#bytes = new Uint8Array(this.#memory!.buffer);
    } catch {
      const problem = `this job needs at least ${end} bytes, the host gives no more than the ${this.#bytes.length} that it has`;
      throw new BudgetError(
        'memory',
        problem,
        'Close what else takes memory, or lower dim or the number of users and items',
      );
    }
  }

  #refuse(end: number): never {
    throw new BudgetError(
      'memory',
      `this job needs at least ${end} bytes, the limit is ${this.#maxBytes} and ${this.#top} are in use`,
      'Lower dim or the number of users and items, or raise maxMemoryBytes',
      'maxMemoryBytes',
    );
  }
}

/** The next address on a cache line, or on another border. */
export function align(bytes: number, to = ALIGNMENT_BYTES): number {
  return Math.ceil(bytes / to) * to;
}
