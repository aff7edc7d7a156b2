import { BudgetError } from '../errors.ts';

const PAGE_BYTES = 65536;
/** Every allocation starts on a cache line, */
const ALIGNMENT_BYTES = 64;
/** and a large one on a page of the processor: a row of 512 bytes, of which SpMM gathers many, then lies in one. */
const LARGE_BYTES = 2 ** 20;
const PROCESSOR_PAGE_BYTES = 4096;

/**
 * One linear memory from an address on, as a bump arena: allocations follow each other and `release` frees everything
 * since a `mark`.
 *
 * ```
 * 0          heap_base                     mark                top         memory.buffer.byteLength
 * ├ static ──┼ gemm scratch ┼ job's tables ┼ temporaries ──────┼ free ─────┤   grows by pages of 64 KiB
 * ```
 */
export class Arena {
  readonly #memory: WebAssembly.Memory;
  /** All bytes of the memory, made anew when it grows: nothing but `#reserve` lets it grow. */
  #bytes: Uint8Array<ArrayBuffer>;
  readonly #maxBytes: number;
  #top: number;
  /** Bytes below this address have been used before and are cleared when they are allocated again. */
  #dirty: number;
  /** @param start first address that is free, on a cache line */
  constructor(memory: WebAssembly.Memory, maxBytes: number, start: number) {
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#maxBytes = maxBytes;
    this.#top = start;
    this.#dirty = start;
  }

  /** The memory's buffer; a new object after every growth, so it is never kept. */
  get buffer(): ArrayBuffer {
    return this.#bytes.buffer;
  }

  /** Bytes in use. */
  get usedBytes(): number {
    return this.#top;
  }

  /** A position to `release` to. */
  mark(): number {
    return this.#top;
  }

  /** Frees everything allocated since the mark; handles from that time must not be used any more. */
  release(mark: number): void {
    this.#top = mark;
  }

  /** Address of so many bytes, all zero. @throws {BudgetError} where the limit or the host does not allow them */
  protected allocate(bytes: number): number {
    const start = bytes < LARGE_BYTES ? this.#top : align(this.#top, PROCESSOR_PAGE_BYTES);
    const end = align(start + bytes);
    this.#reserve(end);
    if (start < this.#dirty) this.#bytes.fill(0, start, Math.min(end, this.#dirty));
    this.#top = end;
    this.#dirty = Math.max(this.#dirty, end);
    return start;
  }

  #reserve(end: number): void {
    if (end > this.#maxBytes) this.#refuse(end);
    const missing = end - this.#bytes.length;
    if (missing <= 0) return;
    try {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
      this.#bytes = new Uint8Array(this.#memory.buffer);
    } catch {
      this.#refuse(end);
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

/** The most that an allocation takes, with what it leaves out to start where it must. */
export function allocated(bytes: number): number {
  return align(bytes) + (bytes < LARGE_BYTES ? 0 : PROCESSOR_PAGE_BYTES - ALIGNMENT_BYTES);
}
