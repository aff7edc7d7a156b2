import { OptionError, shown } from '../errors.ts';
import { checkArgument, ITERABLE, TEXT } from '../options/arguments.ts';
import { refuseItem } from './person.ts';
import type { ServingState } from './servingState.ts';

/**
 * Items of a recommender, looked up once: for `only` and `exclude` of many calls. See `Recommender.itemSet`.
 *
 * @example
 * const inStock: ItemSet = recommender.itemSet(['i1', 'i2', 'i3', 'gone']);
 * inStock.unknown; // → ['gone']
 */
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

/** Items looked up once; see `Recommender.itemSet`. */
export function itemSetOf({ catalogue }: ServingState, ids: Iterable<string>): ItemSet {
  checkArgument(ITERABLE, ids, 'ids', 'itemSet');
  const items = new Set<number>();
  const unknown: string[] = [];
  for (const id of ids) {
    checkArgument(TEXT, id, 'an id', 'itemSet');
    const item = catalogue.ids.find(id);
    if (item < 0) unknown.push(id);
    else items.add(item);
  }
  const ascending = [...items].sort((a, b) => a - b);
  return new ItemSet(catalogue, ascending, unknown);
}

/** @throws {OptionError} always */
export function refuseIds(where: string, ids: unknown): never {
  throw new OptionError(where, `expected item ids, received ${shown(ids)}`, "Pass e.g. ['i7', 'i9']");
}

/**
 * The numbers of a list of items.
 * @throws {OptionError} for what is no list of ids
 * @throws {DataError} for an item that the model does not have
 */
export function itemNumbers(state: ServingState, where: string, ids: unknown): number[] {
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
    refuseIds(where, ids);
  }
  return ids.map((id) => {
    const item = state.catalogue.ids.find(id);
    return item < 0 ? refuseItem(state, id, where) : item;
  });
}
