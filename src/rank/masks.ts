import type { I32Buffer } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Bytes of one query's bits, whole words. */
export function maskBytesOf(numItems: number): number {
  return Math.ceil(numItems / 32) * 4;
}

/** The items that are left out of one query's ranking. */
export class ExclusionMask {
  readonly #bytes: number;
  #bits: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(numItems: number) {
    this.#bytes = maskBytesOf(numItems);
  }

  /** @internal points the mask at the bits of query `n` among those of all queries */
  pointAt(bits: Uint8Array, n: number): void {
    this.#bits = bits;
    this.#at = n * this.#bytes;
  }

  /** Leaves these items out. */
  exclude(items: Iterable<number>): void {
    const bits = this.#bits;
    const at = this.#at;
    for (const item of items) bits[at + (item >> 3)] |= 1 << (item & 7);
  }

  /** Leaves out every item that is not listed. */
  restrictTo(items: Iterable<number>): void {
    const allowed = new Uint8Array(this.#bytes);
    for (const item of items) allowed[item >> 3] |= 1 << (item & 7);
    for (let byte = 0; byte < this.#bytes; byte++) this.#bits[this.#at + byte] |= ~allowed[byte];
  }
}

/** The exclusion masks of a batch of queries, as a bitmap in a workspace. */
export class MaskTable {
  readonly bits: I32Buffer;
  /** From one query's bits to the next. */
  readonly maskBytes: number;
  readonly #mask: ExclusionMask;

  constructor(workspace: Workspace, queries: number, numItems: number) {
    this.maskBytes = maskBytesOf(numItems);
    // Kernels read a byte behind the last one.
    this.bits = workspace.i32((queries * this.maskBytes) / 4 + 1);
    this.#mask = new ExclusionMask(numItems);
  }

  /** Masks of queries first … first + count − 1; whatever else the table has room for excludes nothing. */
  fill(first: number, count: number, mask: (n: number, excluded: ExclusionMask) => void): void {
    const words = this.bits.view.fill(0);
    const bits = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    for (let n = 0; n < count; n++) {
      this.#mask.pointAt(bits, n);
      mask(first + n, this.#mask);
    }
  }
}
