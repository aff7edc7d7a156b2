import type { Command } from 'commander';
import { EMBEDDER_SETTINGS, EMBEDDERS, type EmbedderSettings } from '../../embedders.ts';
import { FORMATS, type ReadCatalogueOptions } from '../../index.ts';
import { decimal, listOf, oneOf, text } from './arguments.ts';
import { add, addList } from './command.ts';
import { addDescribed } from './described.ts';

/** The catalogue: which columns of which file. */
export interface CatalogueOptions {
  readonly path?: string;
  readonly reading: Omit<ReadCatalogueOptions, 'name' | 'member' | 'signal' | 'compose'>;
  /** A template of columns in the place of `reading.textColumns`. */
  readonly template?: string;
}

/** Where the vectors of the items come from. */
export interface VectorOptions {
  /** One embedder, or several, put side by side; undefined where none is named. */
  readonly embedders?: readonly string[];
  readonly weights?: readonly number[];
  readonly settings: EmbedderSettings;
  /** A folder. */
  readonly cache?: string;
  /** Column of the catalogue with the origins of the vectors in a file. */
  readonly originColumn?: string;
  readonly onMissingText: 'error' | 'skip';
}

interface CatalogueArguments {
  readonly items?: string;
  readonly itemsFormat?: CatalogueOptions['reading']['format'];
  readonly itemsDelimiter?: string;
  readonly itemsHeader?: boolean;
  readonly itemsEncoding?: string;
  readonly missingValues?: string[];
  readonly idColumn?: string;
  readonly textColumns?: string[];
  readonly text?: string;
  readonly titleColumn?: string;
  readonly imageColumn?: string;
  readonly keep?: string[];
  readonly onBadLine: 'error' | 'skip';
}

interface VectorArguments extends EmbedderSettings {
  readonly embedder?: string;
  readonly embedderWeights?: number[];
  readonly cache?: string;
  readonly originColumn?: string;
  readonly onMissingText: 'error' | 'skip';
}

/** What the flags of `addItemOptions` say about the catalogue. */
export function catalogueOptions(command: Command): CatalogueOptions {
  const args = command.opts<CatalogueArguments>();
  const { items: path, itemsFormat: format, itemsDelimiter: delimiter, itemsHeader: header } = args;
  const {
    itemsEncoding: encoding,
    missingValues,
    idColumn,
    textColumns,
    titleColumn,
    imageColumn,
    onBadLine,
    keep,
  } = args;
  const columns = { idColumn, textColumns, titleColumn, imageColumn, keep };
  const reading = { format, delimiter, header, encoding, missingValues, onBadLine, ...columns };
  return { path, reading, template: args.text };
}

/** What the flags of `addItemOptions` say about the vectors. */
export function vectorOptions(command: Command): VectorOptions {
  const args = command.opts<VectorArguments>();
  const names = Object.keys(EMBEDDER_SETTINGS) as (keyof EmbedderSettings)[];
  const settings = names.filter((name) => args[name] !== undefined).map((name) => [name, args[name]]);
  const { embedder, embedderWeights: weights, cache, originColumn, onMissingText } = args;
  const embedders = embedder?.split(',').map((name) => name.trim());
  return { embedders, weights, settings: Object.fromEntries(settings), cache, originColumn, onMissingText };
}

/** Whether a catalogue or an embedder is named. */
export function namesText({ path }: CatalogueOptions, { embedders }: VectorOptions): boolean {
  return path !== undefined || embedders !== undefined;
}

/** Options of `CatalogueOptions` and `VectorOptions`. */
export function addItemOptions(command: Command): Command {
  addCatalogueOptions(command);
  return addVectorOptions(command);
}

/** Options of `CatalogueOptions`, but for the policies that other options share. */
export function addCatalogueOptions(command: Command): void {
  command.optionsGroup('Items and their texts:');
  add(command, '--items <file>', 'catalogue with texts', text('--items'));
  const formats = FORMATS.filter((format) => format !== 'lightgcn');
  add(
    command,
    '--items-format <name>',
    `${formats.join(' | ')} (default: by what the file holds)`,
    oneOf('--items-format', formats),
  );
  add(command, '--items-delimiter <text>', 'between fields of the catalogue', (value: string) => value);
  command.option('--items-header', 'the first line of the catalogue names its columns');
  command.option('--no-items-header', 'the first line of the catalogue is data');
  add(command, '--items-encoding <name>', 'of the catalogue, e.g. windows-1252', text('--items-encoding'));
  add(command, '--id-column <name>', 'column with the item ids of the catalogue', text('--id-column'));
  add(
    command,
    '--text-columns <list>',
    'columns that make up the text',
    listOf('--text-columns', text('--text-columns')),
  );
  add(
    command,
    '--text <template>',
    'the text instead: columns in braces, e.g. "{title}. {category}"',
    text('--text'),
  );
  add(command, '--title-column <name>', 'column with the titles', text('--title-column'));
}

/** Options of `VectorOptions`. */
export function addVectorOptions(command: Command): Command {
  const written = EMBEDDERS.map((kind) => kind.written).join(' | ');
  addList(
    command,
    '--embedder <what>',
    `${written} (default: ${EMBEDDERS[0].written}), or several side by side, separated by commas or named one by one`,
    text('--embedder'),
  );
  const weight = decimal('--embedder-weights', 'numbers > 0 separated by commas', (value) => value > 0);
  add(
    command,
    '--embedder-weights <list>',
    'of several embedders (default: 1 for lexical, 0.5 for others)',
    (list: string) => list.split(',').map((part) => weight(part.trim())),
  );
  addDescribed(command, EMBEDDER_SETTINGS);
  const origin =
    'column of the catalogue that says where each vector of the file comes from, counted in reports';
  add(command, '--origin-column <name>', origin, text('--origin-column'));
  add(command, '--cache <folder>', 'keep vectors here, and take those that are there', text('--cache'));
  const what = 'error | skip (the item gets no vector; counted)';
  return add(
    command,
    '--on-missing-text <what>',
    what,
    oneOf('--on-missing-text', ['error', 'skip']),
    'error',
  );
}
