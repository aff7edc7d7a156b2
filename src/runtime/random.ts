import { OptionError, shown } from '../errors.ts';

/**
 * What a generator is used for. Each purpose has its own counter space, so that drawing more of one kind
 * never shifts another. The numbers are part of the determinism contract.
 */
export const PURPOSE = {
  split: 1,
  xavier: 2,
  columns: 3,
  shuffle: 4,
  negatives: 5,
  spectrum: 6,
  synthetic: 7,
  bootstrap: 8,
  views: 9,
  projection: 10,
  weights: 11,
  sample: 12,
  dropout: 13,
  centres: 14,
} as const;

export type Purpose = (typeof PURPOSE)[keyof typeof PURPOSE];

/**
 * One block of Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011):
 * four 32-bit words from a 128-bit counter and a 64-bit key, written to `out[0..3]`.
 * The same function exists as a kernel in `assembly/random.ts` and gives the same bits.
 */
export function philox4x32(
  out: Uint32Array,
  key0: number,
  key1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
): void {
  for (let round = 0; round < 10; round++) {
    const hi0 = mulHigh(0xd2511f53, c0);
    const lo0 = Math.imul(0xd2511f53, c0);
    const hi1 = mulHigh(0xcd9e8d57, c2);
    const lo1 = Math.imul(0xcd9e8d57, c2);
    c0 = hi1 ^ c1 ^ key0;
    c1 = lo1;
    c2 = hi0 ^ c3 ^ key1;
    c3 = lo0;
    key0 = (key0 + 0x9e3779b9) | 0;
    key1 = (key1 + 0xbb67ae85) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The high 32 bits of the unsigned product of two 32-bit words. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const middle2 = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + (middle2 >>> 16)) | 0;
}

/** A seed as the two key words of the generator. @throws {OptionError} unless it is an integer ≥ 0 */
export function seedWords(seed: number): [low: number, high: number] {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new OptionError('seed', `expected an integer ≥ 0, received ${shown(seed)}`, 'Pass e.g. seed: 2020');
  }
  return [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
}

/**
 * A sequential reader of one Philox counter space: word `n` of the sequence is word `n mod 4` of block
 * `floor(n / 4)` at counter `(block, position, purpose, round)`. Same arguments: same sequence, in every runtime.
 */
export class Random {
  readonly #key0: number;
  readonly #key1: number;
  readonly #purpose: Purpose;
  readonly #round: number;
  readonly #position: number;
  readonly #block = new Uint32Array(4);
  #index = 0;

  /**
   * @param seed integer ≥ 0
   * @param purpose the counter space
   * @param round e.g. the epoch or the number of the view
   * @param position e.g. a place in the epoch: a sequence of its own
   */
  constructor(seed: number, purpose: Purpose, round = 0, position = 0) {
    [this.#key0, this.#key1] = seedWords(seed);
    this.#purpose = purpose;
    this.#round = round;
    this.#position = position;
  }

  /** The next word, uniform over 0 … 2³²−1. */
  uint32(): number {
    const word = this.#index & 3;
    if (word === 0) {
      philox4x32(
        this.#block,
        this.#key0,
        this.#key1,
        this.#index >>> 2,
        this.#position,
        this.#purpose,
        this.#round,
      );
    }
    this.#index++;
    return this.#block[word];
  }

  /** The next number, uniform over [0, 1) with 24 bits: exact in f32. */
  uniform(): number {
    return (this.uint32() >>> 8) * 2 ** -24;
  }

  /**
   * An unbiased integer in 0 … bound−1 (Lemire's multiply-and-reject, 2019).
   * @throws {OptionError} unless bound is an integer in 1 … 2³²−1
   */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound >= 2 ** 32) {
      throw new OptionError(
        'Random.below',
        `expected a bound in 1 … 2³²−1, received ${shown(bound)}`,
        'Pass a count',
      );
    }
    const threshold = (2 ** 32 - bound) % bound;
    for (;;) {
      const word = this.uint32();
      const low = Math.imul(word, bound) >>> 0;
      if (low >= threshold) return mulHigh(word, bound) >>> 0;
    }
  }

  /** Shuffles in place (Fisher–Yates, from the end). */
  shuffle<T extends { length: number; [index: number]: number }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = array[i];
      array[i] = array[j];
      array[j] = held;
    }
    return array;
  }
}
