import { OptionError, shown } from '../../errors.ts';
import type { AttributeColumn } from '../modelFile/data.ts';
import type { AttributeType, AttributeValue } from './expression.ts';

/** A column of the catalogue on the host, which values are added to. Missing values are NaN, 2, −1 or no tags. */
export interface Column {
  readonly type: AttributeType;
  get(item: number): AttributeValue;
  /** @throws {OptionError} when the value is of another type; nothing is changed then */
  check(value: AttributeValue, name: string): void;
  /** A value that `check` passes. */
  set(item: number, value: AttributeValue): void;
  /** The values of some items as a model file keeps them. */
  encode(items: readonly number[]): AttributeColumn;
}

/** A column of numbers. */
export class NumberColumn implements Column {
  readonly type = 'number';
  values: Float64Array<ArrayBufferLike>;

  constructor(values: Float64Array) {
    this.values = values;
  }

  get(item: number): number | null {
    const value = this.values[item];
    return value === undefined || Number.isNaN(value) ? null : value;
  }

  check(value: AttributeValue, name: string): void {
    if (value !== null && !(typeof value === 'number' && Number.isFinite(value)))
      refuse(name, 'a finite number', value);
  }

  set(item: number, value: AttributeValue): void {
    this.values = roomFor(this.values, item, Number.NaN);
    this.values[item] = (value as number | null) ?? Number.NaN;
  }

  encode(items: readonly number[]): AttributeColumn {
    return { type: 'number', values: Float64Array.from(items, (item) => this.values[item] ?? Number.NaN) };
  }
}

/** A column of true and false. */
export class BooleanColumn implements Column {
  readonly type = 'boolean';
  values: Uint8Array<ArrayBufferLike>;

  constructor(values: Uint8Array) {
    this.values = values;
  }

  get(item: number): boolean | null {
    const value = this.values[item] ?? 2;
    return value === 2 ? null : value === 1;
  }

  check(value: AttributeValue, name: string): void {
    if (value !== null && typeof value !== 'boolean') refuse(name, 'true or false', value);
  }

  set(item: number, value: AttributeValue): void {
    this.values = roomFor(this.values, item, 2);
    this.values[item] = value === null ? 2 : Number(value);
  }

  encode(items: readonly number[]): AttributeColumn {
    return { type: 'boolean', values: Uint8Array.from(items, (item) => this.values[item] ?? 2) };
  }
}

/** Texts by number, in the order in which they came. */
class Dictionary {
  readonly texts: string[];
  readonly #codes: Map<string, number>;

  constructor(texts: readonly string[]) {
    this.texts = [...texts];
    this.#codes = new Map(texts.map((text, code) => [text, code]));
  }

  /** −1 for a text that nothing has. */
  find(text: string): number {
    return this.#codes.get(text) ?? -1;
  }

  add(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    this.#codes.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

/** A column of texts. */
export class TextColumn implements Column {
  readonly type = 'text';
  readonly dictionary: Dictionary;
  codes: Int32Array<ArrayBufferLike>;

  constructor(dictionary: readonly string[], codes: Int32Array) {
    this.dictionary = new Dictionary(dictionary);
    this.codes = codes;
  }

  get(item: number): string | null {
    return this.dictionary.texts[this.codes[item] ?? -1] ?? null;
  }

  check(value: AttributeValue, name: string): void {
    if (value !== null && typeof value !== 'string') refuse(name, 'a text', value);
  }

  set(item: number, value: AttributeValue): void {
    this.codes = roomFor(this.codes, item, -1);
    this.codes[item] = value === null ? -1 : this.dictionary.add(value as string);
  }

  encode(items: readonly number[]): AttributeColumn {
    const codes = Int32Array.from(items, (item) => this.codes[item] ?? -1);
    return { type: 'text', dictionary: this.dictionary.texts, codes };
  }
}

/** A column of tags, several an item. */
export class TagsColumn implements Column {
  readonly type = 'tags';
  readonly dictionary: Dictionary;
  readonly #rowPtr: Int32Array;
  readonly #codes: Int32Array;
  /** Items whose tags are others than in the file, ascending by tag. */
  readonly #own = new Map<number, readonly number[]>();

  constructor(dictionary: readonly string[], rowPtr: Int32Array, codes: Int32Array) {
    this.dictionary = new Dictionary(dictionary);
    this.#rowPtr = rowPtr;
    this.#codes = codes;
  }

  /** Tags of an item by number, ascending. */
  codesOf(item: number): ArrayLike<number> {
    return this.#own.get(item) ?? this.#codes.subarray(this.#rowPtr[item] ?? 0, this.#rowPtr[item + 1] ?? 0);
  }

  get(item: number): string[] | null {
    const tags = Array.from(this.codesOf(item), (code) => this.dictionary.texts[code]);
    return tags.length > 0 ? tags : null;
  }

  check(value: AttributeValue, name: string): void {
    if (value !== null && !(Array.isArray(value) && value.every((tag) => typeof tag === 'string')))
      refuse(name, 'a list of texts', value);
  }

  set(item: number, value: AttributeValue): void {
    const tags = ((value ?? []) as readonly string[]).map((tag) => this.dictionary.add(tag));
    this.#own.set(
      item,
      [...new Set(tags)].sort((a, b) => a - b),
    );
  }

  encode(items: readonly number[]): AttributeColumn {
    const rowPtr = new Int32Array(items.length + 1);
    const codes: number[] = [];
    for (const [n, item] of items.entries()) {
      codes.push(...Array.from(this.codesOf(item)));
      rowPtr[n + 1] = codes.length;
    }
    return { type: 'tags', dictionary: this.dictionary.texts, rowPtr, codes: Int32Array.from(codes) };
  }
}

/** A column as a model file has it, copied. */
export function columnFrom(column: AttributeColumn): Column {
  if (column.type === 'number') return new NumberColumn(column.values.slice());
  if (column.type === 'boolean') return new BooleanColumn(column.values.slice());
  if (column.type === 'text') return new TextColumn(column.dictionary, column.codes.slice());
  return new TagsColumn(column.dictionary, column.rowPtr.slice(), column.codes.slice());
}

/** An empty column of a type. */
export function emptyColumn(type: AttributeType): Column {
  const none = new Int32Array(0);
  if (type === 'number') return new NumberColumn(new Float64Array(0));
  if (type === 'boolean') return new BooleanColumn(new Uint8Array(0));
  return type === 'text' ? new TextColumn([], none) : new TagsColumn([], new Int32Array(1), none);
}

type Values = Float64Array<ArrayBufferLike> | Uint8Array<ArrayBufferLike> | Int32Array<ArrayBufferLike>;

/** The same values, with a place for an item; new places hold `missing`. */
function roomFor<A extends Values>(values: A, item: number, missing: number): A {
  if (item < values.length) return values;
  const grown = new (values.constructor as new (length: number) => A)(Math.max(item + 1, 2 * values.length));
  grown.fill(missing);
  grown.set(values);
  return grown;
}

function refuse(name: string, expected: string, received: unknown): never {
  throw new OptionError(
    'attributes',
    `expected ${name} to be ${expected}, or null, received ${shown(received)}`,
    'Mend the value',
  );
}
