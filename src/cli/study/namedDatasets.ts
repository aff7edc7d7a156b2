import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeEmbedder } from '../../embedders.ts';
import { DataError, OptionError } from '../../index.ts';
import { didYouMean } from '../../options/nearest.ts';
import type { DataOptions } from '../args/dataOptions.ts';
import type { CatalogueOptions, VectorOptions } from '../args/itemOptions.ts';
import { inputsOf } from '../dataset.ts';
import { knownDataset } from '../datasets/known.ts';
import type { Inputs } from '../outputFile.ts';
import { vectorsByName } from './vectorsByName.ts';

/** What a study reads: one dataset and the vectors of its items, each by name. Survives `postMessage`. */
export interface DatasetSource {
  readonly name: string;
  readonly data: DataOptions;
  readonly catalogue: CatalogueOptions;
  /** Weight: of these vectors where all are put side by side. */
  readonly vectors: readonly {
    readonly name: string;
    readonly weight: number;
    /** Compared with the others, and not side by side with them. */
    readonly extra?: boolean;
    readonly options: VectorOptions;
  }[];
}

interface NamedDataset {
  readonly minRating?: number;
  readonly kCore?: number;
  /** Stem of the vectors' files; absent where none come with it. */
  readonly vectors?: { readonly name: string; readonly file: string };
  /** Columns of the catalogue that make up the text. */
  readonly textColumns: readonly string[];
  /** Column that says which of these vectors are real and which imputed. */
  readonly originColumn?: string;
}

/** As `llminit dataset` writes them: what it filtered, filtered again, stays as it is. */
const DOWNLOADED: NamedDataset = {
  minRating: 4,
  kCore: 5,
  textColumns: ['title', 'brand', 'categories', 'description'],
};

/** Folders as they are laid out beside the project: `<name>/<name>.inter`, `.item` and vectors. */
const NAMED: Readonly<Record<string, NamedDataset>> = {
  'amazon-office': {
    minRating: 4,
    kCore: 5,
    vectors: { name: 'bert-cls', file: 'bert-cls.f16' },
    textColumns: ['description'],
    originColumn: 'embedding_source',
  },
  'amazon-scientific': {
    vectors: { name: 'bert-cls', file: 'bert-cls.f16' },
    textColumns: ['description'],
  },
  'amazon-scientific-small': {
    vectors: { name: 'text512', file: 'text512.f32' },
    textColumns: ['description'],
  },
  ...Object.fromEntries(
    ['amazon-beauty', 'amazon-toys-games', 'amazon-tools-home'].map((name) => [name, DOWNLOADED]),
  ),
};

/** Universal Sentence Encoder, 512 wide, of the same texts: a pretrained sentence encoder that all of them have. */
const EXTRA = { name: 'use512', file: 'use512.f16' };

/** Names that `--dataset` takes. */
export const DATASET_NAMES: readonly string[] = Object.keys(NAMED);

/** Whether a dataset comes without vectors, so that embedders may be named for it. */
export function takesEmbedders(name: string): boolean {
  return Object.hasOwn(NAMED, name) && NAMED[name].vectors === undefined;
}

/**
 * @param order of the leave-one-out split
 * @param given embedders for a dataset that `takesEmbedders`
 * @throws {OptionError} for an unknown name
 * @throws {DataError} for a dataset that has to be downloaded first
 */
export function namedSource(
  name: string,
  folder: string,
  order: DataOptions['split']['order'],
  given: VectorOptions,
): DatasetSource {
  if (!Object.hasOwn(NAMED, name)) {
    const problem = `expected ${DATASET_NAMES.join(', ')}, received ${name}`;
    const remedy = didYouMean(name, DATASET_NAMES, 'Name one of them, or pass --interactions and --items');
    throw new OptionError('--dataset', problem, remedy);
  }
  const stem = join(folder, name, name);
  checkDownloaded(name, folder, `${stem}.inter`);
  const own = NAMED[name];
  const hasVectors = own.vectors && existsSync(`${stem}.${own.vectors.file}.npy`);
  const known = hasVectors || !knownDataset(name) ? own : DOWNLOADED;
  const { minRating, kCore, textColumns } = known;
  const onBadLine = 'error' as const;
  return {
    name,
    data: {
      files: { interactions: [`${stem}.inter`] },
      reading: { minRating, onBadLine, needsTimestamp: order === 'time' },
      ...{ kCore, split: { order } },
    },
    catalogue: { path: `${stem}.item`, reading: { textColumns: [...textColumns], onBadLine } },
    vectors: known.vectors ? ownVectors(known, known.vectors, stem) : vectorsByName(given),
  };
}

/** @throws {DataError} naming the command that downloads it */
function checkDownloaded(name: string, folder: string, interactions: string): void {
  if (!knownDataset(name) || existsSync(interactions)) return;
  const problem = `expected ${interactions}, received no such file`;
  throw new DataError('--dataset', problem, `Run llminit dataset ${name} --out ${folder}, or name --data`);
}

function ownVectors(
  { originColumn }: NamedDataset,
  { name, file }: NonNullable<NamedDataset['vectors']>,
  stem: string,
): DatasetSource['vectors'] {
  const fromFile = (own: typeof EXTRA) => ({
    name: own.name,
    weight: describeEmbedder(`${own.file}.npy`).weight,
    options: embeddedBy(`${stem}.${own.file}.npy`, { embeddingIds: `${stem}.${own.name}.ids.txt` }),
  });
  const first = fromFile({ name, file });
  return [
    { ...first, options: { ...first.options, originColumn } },
    { name: 'lexical', weight: 1, options: embeddedBy('lexical', {}) },
    { ...fromFile(EXTRA), extra: true },
  ];
}

function embeddedBy(embedder: string, settings: VectorOptions['settings']): VectorOptions {
  return { embedders: [embedder], settings, onMissingText: 'error' };
}

/** What a study reads, by flag. */
export function sourceInputs({ data, catalogue, vectors }: DatasetSource): Inputs {
  const all = vectors.map(({ options }) => inputsOf(data.files, catalogue.path, options));
  const merged = (kind: keyof Inputs) => {
    const paths: Record<string, string[]> = {};
    for (const [flag, named] of all.flatMap((inputs) => Object.entries(inputs[kind] ?? {})))
      paths[flag] = [...(paths[flag] ?? []), ...[named ?? []].flat()];
    return paths;
  };
  return { files: merged('files'), folders: merged('folders') };
}
