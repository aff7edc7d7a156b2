import { join } from 'node:path';
import { describeEmbedder } from '../../embedders.ts';
import { OptionError } from '../../index.ts';
import { didYouMean } from '../../options/nearest.ts';
import type { DataOptions } from '../args/dataOptions.ts';
import type { CatalogueOptions, VectorOptions } from '../args/itemOptions.ts';
import { inputsOf } from '../dataset.ts';
import type { Inputs } from '../outputFile.ts';

/** What a study reads: one dataset and the vectors of its items, each by name. Survives `postMessage`. */
export interface StudySource {
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
  /** Stem of the vectors' files. */
  readonly vectors: { readonly name: string; readonly file: string };
  /** Column that says which of these vectors are real and which imputed. */
  readonly originColumn?: string;
}

/** Folders as they are laid out beside the project: `<name>/<name>.inter`, `.item` and vectors. */
const NAMED: Readonly<Record<string, NamedDataset>> = {
  'amazon-office': {
    minRating: 4,
    kCore: 5,
    vectors: { name: 'bert-cls', file: 'bert-cls.f16' },
    originColumn: 'embedding_source',
  },
  'amazon-scientific': { vectors: { name: 'bert-cls', file: 'bert-cls.f16' } },
  'amazon-scientific-small': { vectors: { name: 'text512', file: 'text512.f32' } },
};

/** Universal Sentence Encoder, 512 wide, of the same texts: a pretrained sentence encoder that all of them have. */
const EXTRA = { name: 'use512', file: 'use512.f16' };

/** Names that `--dataset` takes. */
export const DATASET_NAMES: readonly string[] = Object.keys(NAMED);

/**
 * @param order of the leave-one-out split
 * @throws {OptionError} for an unknown name
 */
export function namedSource(name: string, folder: string, order: DataOptions['split']['order']): StudySource {
  const known = NAMED[name];
  if (!known) {
    const problem = `expected ${DATASET_NAMES.join(', ')}, received ${name}`;
    const remedy = didYouMean(name, DATASET_NAMES, 'Name one of them, or pass --interactions and --items');
    throw new OptionError('--dataset', problem, remedy);
  }
  const stem = join(folder, name, name);
  const { minRating, kCore, vectors, originColumn } = known;
  const embeddingIds = `${stem}.${vectors.name}.ids.txt`;
  const onBadLine = 'error' as const;
  return {
    name,
    data: {
      files: { interactions: [`${stem}.inter`] },
      reading: { minRating, onBadLine, needsTimestamp: order === 'time' },
      ...{ kCore, split: { order } },
    },
    catalogue: { path: `${stem}.item`, reading: { textColumns: ['description'], onBadLine } },
    vectors: [
      {
        name: vectors.name,
        weight: describeEmbedder(`${vectors.file}.npy`).weight,
        options: { ...embeddedBy(`${stem}.${vectors.file}.npy`, { embeddingIds }), originColumn },
      },
      { name: 'lexical', weight: 1, options: embeddedBy('lexical', {}) },
      {
        name: EXTRA.name,
        weight: describeEmbedder(`${EXTRA.file}.npy`).weight,
        extra: true,
        options: embeddedBy(`${stem}.${EXTRA.file}.npy`, { embeddingIds: `${stem}.${EXTRA.name}.ids.txt` }),
      },
    ],
  };
}

function embeddedBy(embedder: string, settings: VectorOptions['settings']): VectorOptions {
  return { embedders: [embedder], settings, onMissingText: 'error' };
}

/** What a study reads, by flag. */
export function sourceInputs({ data, catalogue, vectors }: StudySource): Inputs {
  const all = vectors.map(({ options }) => inputsOf(data.files, catalogue.path, options));
  const merged = (kind: keyof Inputs) => {
    const paths: Record<string, string[]> = {};
    for (const [flag, named] of all.flatMap((inputs) => Object.entries(inputs[kind] ?? {})))
      paths[flag] = [...(paths[flag] ?? []), ...[named ?? []].flat()];
    return paths;
  };
  return { files: merged('files'), folders: merged('folders') };
}
