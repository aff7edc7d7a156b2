const FIRST_SLOTS = 1 << 12;

/** The start of `hash`, before the first byte. */
export const HASH_START = 0x811c9dc5 | 0;

/** One more byte of a hash (FNV-1a). */
export function hashed(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** A table from spellings of ids, as bytes, to indices, so that a known id is found without making a string of it. */
export class ByteIds {
  /** entry + 1 by slot, 0 for a free slot; twice as many slots as entries at least */
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS / 2);
  #indices = new Int32Array(FIRST_SLOTS / 2);
  /** where the bytes of an entry begin; they end where the next one's begin */
  #starts = new Int32Array(FIRST_SLOTS / 2 + 1);
  #bytes = new Uint8Array(8 * FIRST_SLOTS);
  #count = 0;

  /** The index of the spelling bytes[from … to−1]; −1 if it is not known. */
  find(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const length = to - from;
    for (let slot = mixed(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] - 1;
      if (entry < 0) return -1;
      if (this.#hashes[entry] !== hash) continue;
      const start = this.#starts[entry];
      if (this.#starts[entry + 1] - start !== length) continue;
      let n = 0;
      while (n < length && this.#bytes[start + n] === bytes[from + n]) n++;
      if (n === length) return this.#indices[entry];
    }
  }

  /** Adds a spelling that is not known. */
  add(hash: number, bytes: Uint8Array, from: number, to: number, index: number): void {
    if (2 * (this.#count + 1) > this.#slots.length) this.#grow();
    const entry = this.#count++;
    const start = this.#starts[entry];
    const end = start + to - from;
    if (end > this.#bytes.length) this.#bytes = larger(this.#bytes, Math.max(2 * this.#bytes.length, end));
    for (let n = from; n < to; n++) this.#bytes[start + n - from] = bytes[n];
    this.#starts[entry + 1] = end;
    this.#hashes[entry] = hash;
    this.#indices[entry] = index;
    this.#place(entry);
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = mixed(this.#hashes[entry]) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(): void {
    const slots = 2 * this.#slots.length;
    this.#slots = new Int32Array(slots);
    this.#hashes = larger(this.#hashes, slots / 2);
    this.#indices = larger(this.#indices, slots / 2);
    this.#starts = larger(this.#starts, slots / 2 + 1);
    for (let entry = 0; entry < this.#count; entry++) this.#place(entry);
  }
}

/** FNV's low bits differ little between ids that differ in their last byte. */
function mixed(hash: number): number {
  const product = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return product ^ (product >>> 13);
}

function larger<T extends Int32Array | Uint8Array>(array: T, length: number): T {
  const next = (array instanceof Uint8Array ? new Uint8Array(length) : new Int32Array(length)) as T;
  next.set(array);
  return next;
}
