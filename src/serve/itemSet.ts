/** Items of a recommender, looked up once: for `only` and `exclude` of many calls. See `Recommender.itemSet`. */
export class ItemSet {
  /** @internal whose items they are */
  readonly owner: object;
  /** @internal numbers of the items, ascending */
  readonly items: readonly number[];
  /** Ids that the model does not have. */
  readonly unknown: readonly string[];
  #bits: Uint8Array | null = null;

  /** @internal */
  constructor(owner: object, items: readonly number[], unknown: readonly string[]) {
    this.owner = owner;
    this.items = items;
    this.unknown = unknown;
  }

  /** How many items of the model are in it. */
  get size(): number {
    return this.items.length;
  }

  /** @internal a bit for each item of it */
  get bits(): Uint8Array {
    if (!this.#bits) {
      const last = this.items[this.items.length - 1] ?? 0;
      this.#bits = new Uint8Array((last >> 3) + 1);
      for (const item of this.items) this.#bits[item >> 3] |= 1 << (item & 7);
    }
    return this.#bits;
  }
}
