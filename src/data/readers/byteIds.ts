/** Words of a slot: three of the spelling, or of where it lies; then the index and how long the spelling is. */
const SLOT = 4;
const FIRST_SLOTS = 1 << 10;
const FIRST_BYTES = 1 << 14;
/** From this share of taken slots on the table grows. */
const FULLEST = 0.7;

/** Bytes that must follow those that are read, since they are read by words of four. */
export const PADDING = 4;

/** The most bytes of a spelling that lies in its slot itself. */
const MOST_INLINE = 12;
/** Stands for the length of a longer one, which lies in the pool. */
const IN_POOL = 15;
const LENGTH_BITS = 4;

/**
 * A table from spellings of ids, as bytes, to indices, so that a known id is found without making a string of it. A short
 * spelling lies in its slot, so that a look-up costs one miss of the cache in a large table.
 */
export class ByteIds {
  /** open addressing with linear probing; a last word of 0 marks a free slot */
  #slots = new Int32Array(SLOT * FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  #pool = new DataView(new ArrayBuffer(FIRST_BYTES));
  #poolEnd = 0;
  #count = 0;

  /**
   * The hash of the spelling from `from` to before `to`, for `find`.
   *
   * @param bytes with `PADDING` bytes behind `to`
   */
  hash(bytes: DataView, from: number, to: number): number {
    const length = to - from;
    if (length > MOST_INLINE) return hashOf(bytes, from, to);
    const last = LAST_WORD[length & 3];
    if (length <= 4) return mixed(bytes.getInt32(from, true) & last, 0, 0);
    const a = bytes.getInt32(from, true);
    if (length <= 8) return mixed(a, bytes.getInt32(from + 4, true) & last, 0);
    return mixed(a, bytes.getInt32(from + 4, true), bytes.getInt32(from + 8, true) & last);
  }

  /** Reads from the slot of a hash, so that it lies in the cache when `find` comes to it. */
  touch(hash: number): number {
    return this.#slots[SLOT * (hash & this.#mask)];
  }

  /** The index of the spelling from `from` to before `to`, which has this hash; −1 if it is not known. */
  find(bytes: DataView, from: number, to: number, hash: number): number {
    const length = to - from;
    if (length > MOST_INLINE) return this.#findLong(bytes, from, length, hash);
    const slots = this.#slots;
    const mask = this.#mask;
    const last = LAST_WORD[length & 3];
    const a = length > 4 ? bytes.getInt32(from, true) : bytes.getInt32(from, true) & last;
    let b = 0;
    let c = 0;
    if (length > 4) {
      b = bytes.getInt32(from + 4, true);
      if (length > 8) c = bytes.getInt32(from + 8, true) & last;
      else b &= last;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = SLOT * slot;
      const tag = slots[at + 3];
      if (tag === 0) return -1;
      if (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c && (tag & IN_POOL) === length)
        return tag >>> LENGTH_BITS;
    }
  }

  /** Adds a spelling of at least one byte that is not known. */
  add(bytes: DataView, from: number, to: number, index: number): void {
    if (++this.#count > FULLEST * (this.#mask + 1)) this.#grow();
    const length = to - from;
    if (length > MOST_INLINE) {
      this.#addLong(bytes, from, length, index);
      return;
    }
    const word = (n: number) => {
      const left = length - 4 * n;
      if (left <= 0) return 0;
      return left >= 4
        ? bytes.getInt32(from + 4 * n, true)
        : bytes.getInt32(from + 4 * n, true) & LAST_WORD[left];
    };
    this.#place(word(0), word(1), word(2), (index << LENGTH_BITS) | length);
  }

  #findLong(bytes: DataView, from: number, length: number, hash: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = SLOT * slot;
      if (slots[at + 3] === 0) return -1;
      if (slots[at] !== hash || slots[at + 2] !== length || (slots[at + 3] & IN_POOL) !== IN_POOL) continue;
      if (equals(this.#pool, slots[at + 1], bytes, from, length)) return slots[at + 3] >>> LENGTH_BITS;
    }
  }

  #addLong(bytes: DataView, from: number, length: number, index: number): void {
    if (this.#poolEnd + length + PADDING > this.#pool.byteLength) this.#growPool(length);
    for (let n = 0; n < length; n++) this.#pool.setUint8(this.#poolEnd + n, bytes.getUint8(from + n));
    this.#place(hashOf(bytes, from, from + length), this.#poolEnd, length, (index << LENGTH_BITS) | IN_POOL);
    this.#poolEnd += length;
  }

  #place(a: number, b: number, c: number, tag: number): void {
    const mask = this.#mask;
    let slot = ((tag & IN_POOL) === IN_POOL ? a : mixed(a, b, c)) & mask;
    while (this.#slots[SLOT * slot + 3] !== 0) slot = (slot + 1) & mask;
    const at = SLOT * slot;
    this.#slots[at] = a;
    this.#slots[at + 1] = b;
    this.#slots[at + 2] = c;
    this.#slots[at + 3] = tag;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(2 * before.length);
    this.#mask = 2 * this.#mask + 1;
    for (let at = 0; at < before.length; at += SLOT)
      if (before[at + 3] !== 0) this.#place(before[at], before[at + 1], before[at + 2], before[at + 3]);
  }

  #growPool(length: number): void {
    const larger = new Uint8Array(2 * this.#pool.byteLength + length);
    larger.set(new Uint8Array(this.#pool.buffer));
    this.#pool = new DataView(larger.buffer);
  }
}

/** The bytes of the last word that belong to a spelling, by its length modulo 4. */
const LAST_WORD = Int32Array.of(-1, 0xff, 0xffff, 0xffffff);

/** A hash of the three words of a short spelling. */
function mixed(a: number, b: number, c: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
function hashOf(bytes: DataView, from: number, to: number): number {
  let hash = to - from;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word = bytes.getInt32(at, true);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  if (at < to) {
    const word = bytes.getInt32(at, true) & LAST_WORD[to - at];
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function equals(a: DataView, aFrom: number, b: DataView, bFrom: number, length: number): boolean {
  let n = 0;
  for (; n + 4 <= length; n += 4)
    if (a.getInt32(aFrom + n, true) !== b.getInt32(bFrom + n, true)) return false;
  return (
    n === length ||
    ((a.getInt32(aFrom + n, true) ^ b.getInt32(bFrom + n, true)) & LAST_WORD[length - n]) === 0
  );
}
