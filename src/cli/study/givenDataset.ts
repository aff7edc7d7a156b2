import { OptionError } from '../../index.ts';
import type { DataOptions } from '../args/dataOptions.ts';
import { checkCatalogue, checkVectors } from '../args/embedderArguments.ts';
import type { CatalogueOptions, VectorOptions } from '../args/itemOptions.ts';
import type { DatasetSource } from './namedDatasets.ts';
import { fileStem, vectorsByName } from './vectorsByName.ts';

/**
 * The dataset of `--interactions`, `--items` and `--embedder`, a list of embedders; `lexical` if none is named.
 * @throws {OptionError} as `checkVectors`
 */
export function givenSource(
  data: DataOptions,
  catalogue: CatalogueOptions,
  vectors: VectorOptions,
): DatasetSource {
  const { interactions, train } = data.files;
  if (train !== undefined || data.split.name === 'ratio') {
    const problem = 'expected --interactions for leave-one-out splits by seed, received another split';
    throw new OptionError('reproduce', problem, 'Leave --train and --split out, or use evaluate');
  }
  checkCatalogue(catalogue);
  checkVectors(vectors, catalogue.path === undefined);
  return { name: fileStem(interactions![0]), data, catalogue, vectors: vectorsByName(vectors) };
}
