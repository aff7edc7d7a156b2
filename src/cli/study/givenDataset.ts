import { basename } from 'node:path';
import { OptionError } from '../../index.ts';
import type { DataOptions } from '../args/dataOptions.ts';
import {
  checkCatalogue,
  checkVectors,
  embedderNames,
  embedderWeights,
  isVectorsFile,
} from '../args/embedderArguments.ts';
import type { CatalogueOptions, VectorOptions } from '../args/itemOptions.ts';
import type { StudySource } from './namedDatasets.ts';

/**
 * The dataset of `--interactions`, `--items` and `--embedder`, a list of embedders; `lexical` if none is named.
 * @throws {OptionError} as `checkVectors`
 */
export function givenSource(
  data: DataOptions,
  catalogue: CatalogueOptions,
  vectors: VectorOptions,
): StudySource {
  const { interactions, train } = data.files;
  if (train !== undefined || data.split.name === 'ratio') {
    const problem = 'expected --interactions for leave-one-out splits by seed, received another split';
    throw new OptionError('reproduce', problem, 'Leave --train and --split out, or use evaluate');
  }
  checkCatalogue(catalogue);
  checkVectors(vectors, catalogue.path === undefined);
  const weights = embedderWeights(vectors);
  return {
    name: stem(interactions![0]),
    data,
    catalogue,
    vectors: embedderNames(vectors).map((name, n) => ({
      name: stem(name),
      weight: weights[n],
      options: {
        ...{ ...vectors, embedders: [name], weights: undefined, settings: settingsOf(name, vectors) },
        originColumn: isVectorsFile(name) ? vectors.originColumn : undefined,
      },
    })),
  };
}

/** The ids file belongs to the vectors that come from a file. */
function settingsOf(name: string, { settings }: VectorOptions): VectorOptions['settings'] {
  const { embeddingIds, ...others } = settings;
  return isVectorsFile(name) && embeddingIds !== undefined ? settings : others;
}

function stem(path: string): string {
  return basename(path).replace(/\.[^.]+$/, '') || path;
}
