/** Words of a slot: hash, where the spelling begins, its length, the index. */
const SLOT = 4;
const FIRST_SLOTS = 1 << 10;
const FIRST_BYTES = 1 << 14;

/** Bytes that must follow those that are read, since they are read by words of four. */
export const PADDING = 4;

/**
 * A table from spellings of ids, as bytes, to indices, so that a known id is found without making a string of it. What
 * a look-up needs lies in one place, so that it costs two misses of the cache in a large table.
 */
export class ByteIds {
  /** open addressing with linear probing; a length of 0 marks a free slot */
  #slots = new Int32Array(SLOT * FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  #pool = new DataView(new ArrayBuffer(FIRST_BYTES));
  #poolEnd = 0;
  #count = 0;

  /**
   * The index of the spelling from `from` to before `to`; −1 if it is not known.
   *
   * @param bytes with `PADDING` bytes behind `to`
   */
  find(bytes: DataView, from: number, to: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    const length = to - from;
    const hash = hashOf(bytes, from, to);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = SLOT * slot;
      if (slots[at + 2] === 0) return -1;
      if (slots[at] !== hash || slots[at + 2] !== length) continue;
      if (equals(this.#pool, slots[at + 1], bytes, from, length)) return slots[at + 3];
    }
  }

  /** Adds a spelling of at least one byte that is not known. */
  add(bytes: DataView, from: number, to: number, index: number): void {
    if (2 * ++this.#count > this.#mask + 1) this.#grow();
    const length = to - from;
    if (this.#poolEnd + length + PADDING > this.#pool.byteLength) this.#growPool(length);
    for (let n = 0; n < length; n++) this.#pool.setUint8(this.#poolEnd + n, bytes.getUint8(from + n));
    this.#place(hashOf(bytes, from, to), this.#poolEnd, length, index);
    this.#poolEnd += length;
  }

  #place(hash: number, start: number, length: number, index: number): void {
    let slot = hash & this.#mask;
    while (this.#slots[SLOT * slot + 2] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots.set([hash, start, length, index], SLOT * slot);
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(2 * before.length);
    this.#mask = 2 * this.#mask + 1;
    for (let at = 0; at < before.length; at += SLOT)
      if (before[at + 2] !== 0) this.#place(before[at], before[at + 1], before[at + 2], before[at + 3]);
  }

  #growPool(length: number): void {
    const larger = new Uint8Array(2 * this.#pool.byteLength + length);
    larger.set(new Uint8Array(this.#pool.buffer));
    this.#pool = new DataView(larger.buffer);
  }
}

/** The bytes of the last word that belong to a spelling, by its length modulo 4. */
const LAST_WORD = Int32Array.of(-1, 0xff, 0xffff, 0xffffff);

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
