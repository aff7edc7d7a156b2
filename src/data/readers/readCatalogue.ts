import { UnsupportedError } from '../../errors.ts';
import { callback } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { type Catalogue, CatalogueBuilder, joinTexts } from '../catalogue.ts';
import { idOf, textsOf, titleOf } from './catalogueColumns.ts';
import { type Cell, cellText } from './cells.ts';
import { HeldTable } from './heldTable.ts';
import { areDecimalIds, MISSING_IDS, NormalizationCounts, readId } from './ids.ts';
import { imageColumnOf, imageReference } from './imageColumn.ts';
import { type KeptValue, keptColumns } from './keptColumns.ts';
import { cellWords } from './listCells.ts';
import { COLUMN, COLUMN_OR_NONE, COLUMNS, NAME, ROW_OPTIONS, TABLE_OPTIONS } from './options.ts';
import { readTable, type TableOptions } from './readTable.ts';
import { LineCounter, type OnBadLine, type ReadReport } from './report.ts';
import type { ColumnName } from './roles.ts';
import type { Source } from './source.ts';
import { presentColumns } from './table.ts';

/**
 * How `readCatalogue` reads: name, format, columns, what to do about bad lines.
 *
 * @example
 * const options: ReadCatalogueOptions = {
 *   name: 'products.csv',
 *   idColumn: 'id',
 *   compose: ([title]) => title.toLowerCase(),
 *   onBadLine: 'skip',
 * };
 * const { catalogue } = await readCatalogue(catalogueCsv, options);
 */
export interface ReadCatalogueOptions extends TableOptions {
  /** stands in messages; usually the file name. Default: catalogue */
  name?: string;
  /**
   * By its name exactly as in the header, or by its number from 1. Default: the first that has a name such as item_id,
   * movieId, parent_asin, ISBN, sku, id …; without a header the first column whose values are all different
   */
  idColumn?: ColumnName;
  /**
   * joined by a space in this order. Default: in RecBole files the title and the columns of type token_seq, in
   * other formats every column but the id and those that hold numbers, dates, truth values or addresses (URLs) only
   */
  textColumns?: readonly ColumnName[];
  /** Makes the text of an item of the texts of these columns, in their order. Default: those that are not blank, joined by a space */
  compose?: (texts: readonly string[]) => string;
  /** default: title, name, movie_title, product_title …, if there is one; null: none */
  titleColumn?: ColumnName | null;
  /**
   * The column with the pictures of the items: addresses, paths or `data:`. Default: the first that has a name such as
   * image, image_url, imUrl, picture … and holds nothing else; null: none. It is no text unless `textColumns` names it
   */
  imageColumn?: ColumnName | null;
  /** Columns that are kept as values, for a model to filter by: numbers, truth values or lists if all are, else texts */
  keep?: readonly ColumnName[];
  /** Spellings of a missing id, instead of the usual ones */
  missingValues?: readonly string[];
  /** default `error` */
  onBadLine?: OnBadLine;
}

/**
 * Values of the columns in `keep`, by item id and column.
 *
 * @example
 * const csv = 'id,title,price\na,Tea,3\nb,Chair,90\n';
 * const attributes: KeptValues = (await readCatalogue(csv, { keep: ['price'] })).attributes;
 * attributes.get('b')?.price; // → 90
 */
export type KeptValues = ReadonlyMap<string, Readonly<Record<string, KeptValue>>>;

/**
 * Where the picture of an item is, by item id, of the items that have one.
 *
 * @example
 * const csv = 'id,title,image\na,Tea,https://shop.example/tea.jpg\n';
 * const images: ItemImages | null = (await readCatalogue(csv)).images;
 * images?.get('a'); // → 'https://shop.example/tea.jpg'
 */
export type ItemImages = ReadonlyMap<string, string>;

const OPTIONS: DescriptorsOf<ReadCatalogueOptions> = {
  ...TABLE_OPTIONS,
  ...ROW_OPTIONS,
  ...{ name: NAME, idColumn: COLUMN, titleColumn: COLUMN_OR_NONE, textColumns: COLUMNS, keep: COLUMNS },
  imageColumn: COLUMN_OR_NONE,
  compose: callback<(texts: readonly string[]) => string>('makes the text of an item of its text columns'),
};

/**
 * Reads a catalogue; `readTable` says what can be read, and `readInteractions` how ids are. A blank text is no error:
 * `Catalogue.aligned` reports the items without one. An item may stand twice if its texts are equal; the first is kept.
 * The whole table is held in memory, because the default text columns are known only at its end.
 *
 * @throws {FormatError} for an empty file, and for one that is no table
 * @throws {DataError} if a needed or named column is missing, listing those found; for a bad line, naming it,
 *   among them an item that stands twice with different texts
 * @throws {UnsupportedError} for the lightgcn format, which has no texts
 * @throws {OptionError} for an unknown format or policy
 * @example
 * const { catalogue, report } = await readCatalogue('sku;name\np1;Oak chair\np2;Green tea\n', { name: 'products.csv' });
 * catalogue.titles; // → ['Oak chair', 'Green tea']
 * console.log(report.layout);
 */
export async function readCatalogue(
  source: Source,
  options: ReadCatalogueOptions = {},
): Promise<{ catalogue: Catalogue; attributes: KeptValues; images: ItemImages | null; report: ReadReport }> {
  resolveOptions(OPTIONS, options, 'readCatalogue');
  const { name = 'catalogue', idColumn, textColumns = [], titleColumn, imageColumn, keep = [] } = options;
  if (options.format === 'lightgcn') throw noTexts(name);
  const counter = new LineCounter(name, options.onBadLine);
  const table = new HeldTable();
  const named = [idColumn, titleColumn, imageColumn, ...textColumns, ...keep].filter(
    (column) => typeof column === 'string',
  );
  const hints = { named, roles: ['id', 'title'] as const };
  const words = await readTable(source, options, hints, table, counter);
  counter.assertSomeGood();
  const { catalogue, attributes, images, columns } = catalogueOf(table, options, counter);
  counter.assertSomeGood();
  counter.report.layout = `${words}; ${columns}`;
  return { catalogue, attributes, images, report: counter.report };
}

function noTexts(name: string): UnsupportedError {
  const problem = 'the lightgcn format holds interactions, not texts';
  return new UnsupportedError(name, problem, 'Bring the catalogue in a format with columns', 'format');
}

function catalogueOf(
  table: HeldTable,
  options: ReadCatalogueOptions,
  counter: LineCounter,
): { catalogue: Catalogue; attributes: KeptValues; images: ItemImages | null; columns: string } {
  const { rows } = table;
  const head = { ...table.head, name: counter.name };
  const id = idOf(head, table, options.idColumn);
  const title = titleOf(head, table, options.titleColumn, id);
  const image = imageColumnOf(head, rows, options.imageColumn);
  const texts = textsOf(head, table, options.textColumns, id, title, image);
  const kept = keptColumns(head, rows, options.keep ?? []);
  const attributes = new Map<string, Record<string, KeptValue>>();
  const images = new Map<string, string>();
  const missing = options.missingValues ? new Set(options.missingValues) : MISSING_IDS;
  const ids = rows.map(({ cells }) => cells[id]);
  const rules = { role: 'item', missing, stripsQuotes: true, hasDecimals: areDecimalIds(ids, missing) };
  const normalized = new NormalizationCounts();
  const builder = new CatalogueBuilder(title !== -1);
  const wordsOf = cellWords(rows, texts);
  const textOf = composer(texts, options, wordsOf);
  for (const { cells, line } of rows) {
    const read = readId(cells[id], rules);
    if ('problem' in read) {
      counter.bad(line, read.problem, read.kind);
      continue;
    }
    normalized.add(read.done);
    const text = textOf(cells);
    const problem = builder.add(read.id, text, cellText(cells[title]).replace(/\s+/g, ' '), `line ${line}`);
    if (problem) {
      counter.bad(line, problem, 'an item again with another text');
      continue;
    }
    const reference = imageReference(cells[image]);
    if (reference !== '' && !images.has(read.id)) images.set(read.id, reference);
    if (kept.length > 0 && !attributes.has(read.id))
      attributes.set(
        read.id,
        Object.fromEntries(kept.map((column) => [column.name, column.read(cells[column.index])])),
      );
  }
  for (const note of normalized.notes('item')) counter.note(note);
  if (builder.repeats > 0) counter.note(`${builder.repeats} rows repeat an item with the same text`);
  const name = (column: number) =>
    head.hasHeader ? JSON.stringify(head.names[column]) : `column ${column + 1}`;
  const titled = title === -1 ? '' : `, title ${name(title)}`;
  const pictured = image === -1 ? '' : `, images ${name(image)}`;
  return {
    catalogue: builder.finish(),
    attributes,
    images: image === -1 ? null : images,
    columns: `id ${name(id)}${titled}, ${texts.length === 0 ? 'no text' : `text of ${texts.map(name).join(', ')}`}${pictured}`,
  };
}

/** The text of a row. Without a composition of the caller's or columns in an order of theirs, only cells that are there are read. */
function composer(
  texts: readonly number[],
  { compose, textColumns }: ReadCatalogueOptions,
  wordsOf: (cells: readonly Cell[], column: number) => string,
): (cells: readonly Cell[]) => string {
  if (compose || textColumns)
    return (cells) => (compose ?? joinTexts)(texts.map((column) => wordsOf(cells, column)));
  const chosen = new Set(texts);
  return (cells) =>
    joinTexts(
      presentColumns(cells)
        .filter((column) => chosen.has(column))
        .map((column) => wordsOf(cells, column)),
    );
}
