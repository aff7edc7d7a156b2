import { IdIndex } from './idIndex.ts';
import { columnOf } from './modelFile/decode.ts';
import type { AttributePart, ItemsPart } from './modelFile/parts.ts';
import type { ModelImage } from './modelImage.ts';
import { type Column, columnFrom } from './where/columns.ts';
import { itemsWhere } from './where/evaluate.ts';
import type { AttributeTypes, AttributeValue, WhereTree } from './where/expression.ts';

/** Expressions whose items are kept until the catalogue changes. */
const KEPT_FILTERS = 32;

/** The items of a model but for their rows: those of its file, and what came since. */
export class Catalogue {
  readonly ids: IdIndex;
  readonly types: AttributeTypes;
  readonly #part: ItemsPart;
  readonly #titles = new Map<number, string>();
  readonly #degrees: number[] = [];
  /** Items that came by their text or vector and were not in training. */
  readonly #cold = new Set<number>();
  #hidden: Uint8Array<ArrayBuffer>;
  #columns: Record<string, Column> | null = null;
  readonly #filters = new Map<string, Uint8Array>();

  /** @throws {FormatError} when an id is empty or stands twice */
  constructor(image: ModelImage, part: ItemsPart) {
    this.ids = new IdIndex(image.memory, part.ids, image.name, 'item');
    this.#part = part;
    this.types = Object.fromEntries(Object.entries(part.attributes).map(([name, { type }]) => [name, type]));
    this.#hidden = new Uint8Array(maskBytes(part.ids.count));
    if (part.hidden) this.#hidden.set(part.hidden.data);
    const cold = part.cold?.data;
    for (let item = 0; cold && item < part.ids.count; item++)
      if ((cold[item >> 3] >> (item & 7)) & 1) this.#cold.add(item);
  }

  get numItems(): number {
    return this.ids.count;
  }

  /** Whether items have titles. */
  get hasTitles(): boolean {
    return this.#part.titles !== null || this.#titles.size > 0;
  }

  /** null where the model has no titles. */
  titleOf(item: number): string | null {
    const own = this.#titles.get(item);
    if (own !== undefined) return own;
    if (item < this.ids.baseCount) return this.#part.titles?.at(item) ?? null;
    return this.hasTitles ? '' : null;
  }

  degreeOf(item: number): number {
    const base = this.ids.baseCount;
    return item < base ? this.#part.degrees.data[item] : this.#degrees[item - base];
  }

  /** Interactions of all items. */
  degrees(): Int32Array {
    const all = new Int32Array(this.numItems);
    all.set(this.#part.degrees.data);
    all.set(this.#degrees, this.ids.baseCount);
    return all;
  }

  isCold(item: number): boolean {
    return this.#cold.has(item);
  }

  isHidden(item: number): boolean {
    return ((this.#hidden[item >> 3] >> (item & 7)) & 1) === 1;
  }

  /** A bit for each item that is never recommended; whole words. A copy. */
  excluded(): Uint8Array<ArrayBuffer> {
    return this.#hidden.slice();
  }

  /** A bit for each item that meets an expression. @param key names it @param make gives it when it is new */
  where(key: string, make: () => WhereTree): Uint8Array {
    const known = this.#filters.get(key);
    if (known) {
      // The one used last is given up last.
      this.#filters.delete(key);
      this.#filters.set(key, known);
      return known;
    }
    const bits = itemsWhere(make(), this.columns(), this.numItems);
    this.#filters.set(key, bits);
    if (this.#filters.size > KEPT_FILTERS) this.#filters.delete(this.#filters.keys().next().value!);
    return bits;
  }

  /** The kept columns, on the host from their first use on. */
  columns(): Readonly<Record<string, Column>> {
    this.#columns ??= Object.fromEntries(
      Object.entries(this.#part.attributes).map(([name, column]: [string, AttributePart]) => [
        name,
        columnFrom(columnOf(column)),
      ]),
    );
    return this.#columns;
  }

  /** Puts an item behind the last; returns its number. */
  add(id: string): number {
    const item = this.ids.add(id);
    this.#degrees.push(0);
    this.#cold.add(item);
    if (this.#hidden.length < maskBytes(item + 1)) {
      const grown = new Uint8Array(maskBytes(item + 1));
      grown.set(this.#hidden);
      this.#hidden = grown;
    }
    this.#filters.clear();
    return item;
  }

  setTitle(item: number, title: string): void {
    this.#titles.set(item, title);
  }

  setAttributes(item: number, values: Readonly<Record<string, AttributeValue>>): void {
    for (const [name, value] of Object.entries(values)) this.columns()[name].set(item, value);
    this.#filters.clear();
  }

  /** Counts an interaction. */
  addDegree(item: number): void {
    const base = this.ids.baseCount;
    if (item < base) this.#part.degrees.data[item]++;
    else this.#degrees[item - base]++;
  }

  setHidden(item: number, hidden: boolean): void {
    const bit = 1 << (item & 7);
    if (hidden) this.#hidden[item >> 3] |= bit;
    else this.#hidden[item >> 3] &= ~bit;
  }

  /** Takes an item out: its id is free again, its number is not. */
  remove(item: number): void {
    this.setHidden(item, true);
    this.ids.remove(item);
  }
}

/** Bytes of a bit an item, whole words. */
export function maskBytes(numItems: number): number {
  return Math.ceil(numItems / 32) * 4;
}
