import {
  describeEmbedder,
  EMBEDDER_SETTINGS,
  EMBEDDERS,
  type EmbedderDescriptor,
  type SettingName,
  textTemplate,
} from '../../embedders.ts';
import { OptionError } from '../../index.ts';
import { longFlag } from './described.ts';
import type { CatalogueOptions, VectorOptions } from './itemOptions.ts';

/** The embedders of `--embedder`, in order. */
export function embedderNames({
  embedders = ['lexical'],
}: Pick<VectorOptions, 'embedders'>): readonly string[] {
  return embedders;
}

/** Weights of several embedders, in order. */
export function embedderWeights({
  embedders,
  weights,
}: Pick<VectorOptions, 'embedders' | 'weights'>): readonly number[] {
  return weights ?? embedderNames({ embedders }).map((name) => describeEmbedder(name).weight);
}

/** Whether an embedder is a file that has the vectors already. */
export function isVectorsFile(embedder: string): boolean {
  return EMBEDDERS.some((kind) => kind.reads === 'id' && kind.matches(embedder));
}

/** Whether an embedder reads the texts, or the images, of the items. */
export function readsItems(vectors: Pick<VectorOptions, 'embedders'>, what: 'text' | 'image'): boolean {
  return embedderNames(vectors).some((name) => describeEmbedder(name).reads === what);
}

/** @throws {OptionError} when options of the catalogue do not go together, or nothing reads them without one */
export function checkCatalogue({ path, template, reading }: CatalogueOptions): void {
  if (path === undefined) refuseWithoutItems(reading, template);
  if (template === undefined) return;
  textTemplate(template);
  if (!reading.textColumns) return;
  const problem = 'expected it without --text-columns, since it names its columns, received both';
  throw new OptionError('--text', problem, 'Leave one out');
}

function refuseWithoutItems(reading: CatalogueOptions['reading'], template: string | undefined): void {
  const { format, delimiter, header, encoding, idColumn, textColumns, titleColumn, imageColumn, keep } =
    reading;
  const byFlag = {
    ...{ '--items-format': format, '--items-delimiter': delimiter, '--items-header': header },
    ...{ '--items-encoding': encoding, '--id-column': idColumn, '--text-columns': textColumns },
    ...{ '--text': template, '--title-column': titleColumn, '--image-column': imageColumn, '--keep': keep },
  };
  const given = Object.entries(byFlag).find(([, value]) => value !== undefined);
  if (given)
    throw new OptionError(given[0], 'expected --items beside it, received none', 'Name the catalogue');
}

/** @throws {OptionError} naming an option of the vectors that was given though nothing reads vectors */
export function checkNoVectors({ embedders, weights, settings, cache }: VectorOptions): void {
  const [name] = Object.keys(settings) as SettingName[];
  const setting = name === undefined ? {} : { [longFlag(EMBEDDER_SETTINGS[name])]: true };
  const byFlag = { '--embedder': embedders, '--embedder-weights': weights, ...setting, '--cache': cache };
  const given = Object.entries(byFlag).find(([, value]) => value !== undefined);
  if (!given) return;
  const problem = 'expected an init or a model that reads vectors beside it, received none';
  throw new OptionError(given[0], problem, 'Leave it out: nothing reads it');
}

/**
 * Called before anything is read.
 * @param lacksTexts whether texts are needed, and no catalogue is named that has them
 * @throws {OptionError} when options of the vectors do not go together
 */
export function checkVectors(vectors: VectorOptions, lacksTexts: boolean): void {
  const names = embedderNames(vectors);
  const kinds = names.map((name) => describeEmbedder(name, '--embedder'));
  const twice = names.find((name, n) => names.indexOf(name) < n);
  if (twice !== undefined) {
    const problem = `expected each embedder once, received ${twice} twice`;
    throw new OptionError('--embedder', problem, 'Name it once');
  }
  checkWeights(vectors.weights, names);
  checkOrigin(vectors, names);
  const npy = names.filter((name) => /\.npy$/i.test(name));
  if (npy.length > 1) {
    const problem = `expected one .npy file at most, received ${npy.length}`;
    throw new OptionError('--embedder', problem, 'Use .safetensors files, which carry their ids');
  }
  const given = vectors.embedders?.join(',') ?? 'none';
  for (const name of Object.keys(vectors.settings) as SettingName[]) {
    if (kinds.some(({ settings }) => settings.includes(name))) continue;
    refuseUnread(longFlag(EMBEDDER_SETTINGS[name]), given, ({ settings }) => settings.includes(name));
  }
  const isKept = ({ cacheable, ofCatalogue = false }: EmbedderDescriptor) => cacheable || ofCatalogue;
  if (vectors.cache !== undefined && !kinds.some(isKept)) refuseUnread('--cache', given, isKept);
  for (const [n, kind] of kinds.entries()) kind.check(names[n], vectors.settings);
  if (lacksTexts && kinds.some(({ reads }) => reads !== 'id')) {
    const problem =
      'expected --items (a catalogue) or --embedder F.npy for an init that uses text, received neither';
    throw new OptionError('--init', problem, 'Pass one, or --init xavier');
  }
}

function checkWeights(weights: VectorOptions['weights'], names: readonly string[]): void {
  if (!weights || (names.length > 1 && weights.length === names.length)) return;
  const problem = `expected a weight for each of several embedders, received ${weights.length} for ${names.length}`;
  throw new OptionError('--embedder-weights', problem, 'Pass as many, or leave it out');
}

/** The column describes the vectors of one file. */
function checkOrigin({ originColumn }: VectorOptions, names: readonly string[]): void {
  const files = names.filter(isVectorsFile).length;
  if (originColumn === undefined || files === 1) return;
  const problem = `expected one file in --embedder beside it, received ${files}`;
  throw new OptionError('--origin-column', problem, 'Leave it out');
}

function refuseUnread(
  flag: string,
  received: string,
  reads: (kind: (typeof EMBEDDERS)[number]) => boolean,
): never {
  const readers = EMBEDDERS.filter(reads).map(({ written }) => written);
  const problem = `expected --embedder ${readers.join(' or ')} beside it, received ${received}`;
  throw new OptionError(flag, problem, 'Add it, or leave this out');
}
