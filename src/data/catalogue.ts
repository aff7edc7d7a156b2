import { DataError, ShapeError, shown } from '../errors.ts';
import { ARRAY, checkArgument, maybe, TEXTS } from '../options/arguments.ts';
import { listOf, nullable, required, text } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { checkIsIterable } from './argumentKinds.ts';
import { IdTable, isBlankId } from './idTable.ts';

/**
 * What a `Catalogue` is made of: parallel lists, one entry an item.
 *
 * @example
 * const options: CatalogueOptions = { idColumn: 'sku', textColumns: ['name', 'brand'], titleColumn: 'name' };
 */
export interface CatalogueOptions {
  idColumn: string;
  /** the columns whose trimmed, non-blank texts are joined by a space, in this order */
  textColumns: readonly string[];
  titleColumn?: string | null;
}

const column = text({ about: 'a column of the rows' });
const OPTIONS = {
  idColumn: required(column),
  textColumns: required(listOf(column, { about: 'columns whose texts are joined', min: 1 })),
  titleColumn: nullable(column),
} satisfies DescriptorsOf<CatalogueOptions>;

/**
 * What a catalogue knows about a list of items; entry n of every array belongs to item n of that list.
 *
 * @example
 * const { texts, titles, missing }: AlignedTexts = catalogue.aligned(['i1', 'unknown']);
 * missing; // → ['unknown']
 */
export interface AlignedTexts {
  /** '' for the items in `missing` */
  texts: string[];
  /** '' where an item has no title; null if the catalogue has no titles */
  titles: string[] | null;
  /** ids that are not in the catalogue or have a blank text there */
  missing: string[];
}

/**
 * Items with their texts and, where known, titles.
 *
 * @example
 * const catalogue = Catalogue.from(
 *   [{ sku: 'p1', name: 'Oak chair' }, { sku: 'p2', name: 'Green tea' }],
 *   { idColumn: 'sku', textColumns: ['name'], titleColumn: 'name' },
 * );
 * catalogue.texts; // → ['Oak chair', 'Green tea']
 */
export class Catalogue {
  readonly ids: readonly string[];
  readonly texts: readonly string[];
  readonly titles: readonly string[] | null;
  readonly #table: IdTable;

  /**
   * @throws {OptionError} for anything but lists of texts
   * @throws {ShapeError} if the lists differ in length
   * @throws {DataError} if an id is blank or stands twice
   */
  constructor(ids: readonly string[], texts: readonly string[], titles: readonly string[] | null = null) {
    checkArgument(ARRAY, ids, 'ids', 'Catalogue');
    checkArgument(TEXTS, texts, 'texts', 'Catalogue');
    checkArgument(maybe(TEXTS), titles, 'titles', 'Catalogue');
    if (texts.length !== ids.length || (titles && titles.length !== ids.length)) {
      const problem = `${ids.length} ids, ${texts.length} texts and ${titles?.length ?? 'no'} titles`;
      throw new ShapeError('Catalogue', problem, 'Pass arrays of one length');
    }
    this.#table = IdTable.of(ids);
    this.ids = this.#table.ids;
    this.texts = texts;
    this.titles = titles;
  }

  /**
   * A catalogue from rows. An item may stand twice if its texts are equal; the first row is kept.
   *
   * @throws {DataError} for a blank id, for two rows of one item with different texts, or if a column is in
   *   none of the rows
   */
  static from(rows: Iterable<Record<string, string>>, options: CatalogueOptions): Catalogue {
    checkIsIterable(rows, 'rows', 'Catalogue.from');
    const { idColumn, textColumns, titleColumn = null } = resolveOptions(OPTIONS, options, 'Catalogue.from');
    const builder = new CatalogueBuilder(titleColumn !== null);
    const absent = new Set([idColumn, ...textColumns, ...(titleColumn === null ? [] : [titleColumn])]);
    let index = 0;
    for (const given of rows) {
      // Nothing is read of a row that is no object: its id is then refused.
      const row: Record<string, string> = given ?? {};
      for (const column of absent) if (row[column] !== undefined) absent.delete(column);
      const text = joinTexts(textColumns.map((column) => row[column] ?? ''));
      const title = titleColumn === null ? '' : (row[titleColumn] ?? '');
      const problem = builder.add(row[idColumn], text, title, `row ${index}`);
      if (problem) throw new DataError(`Catalogue.from, row ${index}`, problem, 'Correct or remove the row');
      index++;
    }
    if (absent.size > 0) {
      const problem = `none of ${index} rows has ${[...absent].map(shown).join(', ')}`;
      throw new DataError('Catalogue.from', problem, 'Name columns that the rows have');
    }
    return builder.finish();
  }

  get length(): number {
    return this.ids.length;
  }

  /** The index of the item, or `undefined` if it is not in the catalogue. */
  index(id: string): number | undefined {
    return this.#table.index(id);
  }

  /** Texts and titles in the order of `itemIds`, and the ids for which there is no text. */
  aligned(itemIds: readonly string[]): AlignedTexts {
    checkArgument(TEXTS, itemIds, 'itemIds', 'Catalogue.aligned');
    const indices = itemIds.map((id) => this.#table.index(id));
    const texts = indices.map((n) => (n === undefined || this.texts[n].trim() === '' ? '' : this.texts[n]));
    const { titles } = this;
    return {
      texts,
      titles: titles && indices.map((n) => (n === undefined ? '' : titles[n])),
      missing: itemIds.filter((_, n) => texts[n] === ''),
    };
  }
}

/** Collects a catalogue one row at a time. */
export class CatalogueBuilder {
  readonly #ids = new IdTable();
  readonly #texts: string[] = [];
  readonly #titles: string[] | null;
  readonly #places: string[] = [];
  /** rows that said again what an earlier one had said */
  repeats = 0;

  constructor(hasTitles: boolean) {
    this.#titles = hasTitles ? [] : null;
  }

  /**
   * Takes one row, or says what is wrong with it and takes nothing.
   *
   * @param place where the row stands, for the message about a later row of the same item
   */
  add(id: string, text: string, title: string, place: string): string | null {
    if (isBlankId(id)) return `the item id is ${shown(id)}, expected a non-blank string`;
    const known = this.#ids.index(id);
    if (known !== undefined) {
      if (this.#texts[known] === text) {
        this.repeats++;
        return null;
      }
      return `item ${shown(id)} stands at ${this.#places[known]} with another text`;
    }
    this.#ids.add(id);
    this.#texts.push(text);
    this.#titles?.push(title.trim());
    this.#places.push(place);
    return null;
  }

  finish(): Catalogue {
    return new Catalogue(this.#ids.ids, this.#texts, this.#titles);
  }
}

/** The trimmed, non-blank texts, joined by a space. */
export function joinTexts(texts: readonly string[]): string {
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join(' ');
}
