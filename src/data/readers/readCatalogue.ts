import { DataError, shown, UnsupportedError } from '../../errors.ts';
import { type Catalogue, CatalogueBuilder, joinTexts } from '../catalogue.ts';
import { LineCounter, type OnBadLine, type ReadReport } from './badLines.ts';
import { cellNumber, cellText, findColumn, idText, missingColumn } from './columns.ts';
import { chosenFormat, type Format } from './formats.ts';
import type { Source } from './source.ts';
import { readTable } from './table.ts';
import type { Cell } from './tableSink.ts';

/** How `readCatalogue` reads: name, format, columns, what to do about bad lines. */
export interface ReadCatalogueOptions {
  /** stands in messages and gives the format if none is named; usually the file name */
  name: string;
  format?: Format;
  /** default: item_id, item, iid, product_id or movie_id, in any case, with or without `_` */
  idColumn?: string;
  /**
   * joined by a space in this order. Default: in RecBole files the title and the columns of type token_seq, in
   * other formats every column but the id and those that hold numbers only
   */
  textColumns?: readonly string[];
  /** default: title, name, movie_title, product_title, product_name or item_name, if there is one; null: none */
  titleColumn?: string | null;
  /** default `error` */
  onBadLine?: OnBadLine;
  signal?: AbortSignal;
}

/**
 * Reads a catalogue; `readTable` describes the formats. A blank text is no error: `Catalogue.aligned` reports
 * the items without one. An item may stand twice if its texts are equal; the first is kept. The whole table is
 * held in memory, because the default text columns are known only at its end.
 *
 * @throws {FormatError} for an empty file, or one that is not of its format
 * @throws {DataError} if a needed or named column is missing, listing those found; for a bad line, naming it,
 *   among them an item that stands twice with different texts
 * @throws {UnsupportedError} for the lightgcn format, which has no texts
 * @throws {OptionError} for an unknown format or policy
 */
export async function readCatalogue(
  source: Source,
  options: ReadCatalogueOptions,
): Promise<{ catalogue: Catalogue; report: ReadReport }> {
  const { name, signal } = options;
  const format = chosenFormat(options.format, name);
  if (format === 'lightgcn') {
    const problem = 'the lightgcn format holds interactions, not texts';
    throw new UnsupportedError(name, problem, 'Bring the catalogue as csv, tsv, jsonl or recbole');
  }
  const counter = new LineCounter(name, options.onBadLine);
  const table: Table = { names: [], types: null, rows: [] };
  const sink = {
    columns(names: readonly string[], types: readonly string[] | null) {
      table.names = names;
      table.types = types;
    },
    row: (cells: readonly Cell[], line: number) => void table.rows.push({ cells, line }),
  };
  await readTable(source, { format, signal }, sink, counter);
  counter.assertSomeGood();
  const catalogue = catalogueOf(table, options, counter);
  counter.assertSomeGood();
  return { catalogue, report: counter.report };
}

interface Table {
  names: readonly string[];
  types: readonly string[] | null;
  rows: { cells: readonly Cell[]; line: number }[];
}

function catalogueOf(table: Table, options: ReadCatalogueOptions, counter: LineCounter): Catalogue {
  const { names, rows } = table;
  const id = findColumn(counter.name, names, options.idColumn, 'item');
  if (id === -1) throw missingColumn(counter.name, names, options.idColumn, 'id');
  const title = findColumn(counter.name, names, options.titleColumn, 'title');
  if (title === -1 && options.titleColumn != null) {
    throw missingColumn(counter.name, names, options.titleColumn, 'title');
  }
  const texts = textColumns(table, options, counter.name, id, title);
  const builder = new CatalogueBuilder(title !== -1);
  for (const { cells, line } of rows) {
    const itemId = idText(cells[id], 'item');
    const text = joinTexts(texts.map((column) => cellText(cells[column])));
    const problem =
      typeof itemId === 'string'
        ? builder.add(itemId, text, cellText(cells[title]), `line ${line}`)
        : itemId.problem;
    if (problem) counter.bad(line, problem);
  }
  return builder.finish();
}

function textColumns(
  table: Table,
  options: ReadCatalogueOptions,
  where: string,
  id: number,
  title: number,
): number[] {
  const { names, types, rows } = table;
  const found = names.map((column) => JSON.stringify(column)).join(', ');
  if (options.textColumns) {
    return options.textColumns.map((column) => {
      const index = names.indexOf(column);
      if (index !== -1) return index;
      const problem = `expected a column ${shown(column)}, found the columns ${found}`;
      throw new DataError(where, problem, 'Name columns of the file in textColumns', 'textColumns');
    });
  }
  const isText = (column: number): boolean => {
    if (column === id) return false;
    if (types) return column === title || types[column] === 'token_seq';
    return rows.some(({ cells }) => {
      const text = cellText(cells[column]);
      return text.trim() !== '' && !Number.isFinite(cellNumber(text));
    });
  };
  const columns = names.map((_, column) => column).filter(isText);
  if (columns.length === 0 && rows.length > 0) {
    const problem = `none of the columns ${found} looks like text`;
    throw new DataError(where, problem, 'Name the text columns with textColumns', 'textColumns');
  }
  return columns;
}
