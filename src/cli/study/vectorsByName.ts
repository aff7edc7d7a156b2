import { basename } from 'node:path';
import { embedderNames, embedderWeights, isVectorsFile } from '../args/embedderArguments.ts';
import type { VectorOptions } from '../args/itemOptions.ts';
import type { DatasetSource } from './namedDatasets.ts';

/** The vectors of a list of embedders, each under a name of its own; `lexical` if none is named. */
export function vectorsByName(vectors: VectorOptions): DatasetSource['vectors'] {
  const weights = embedderWeights(vectors);
  return embedderNames(vectors).map((name, n) => ({
    name: fileStem(name),
    weight: weights[n],
    options: {
      ...{ ...vectors, embedders: [name], weights: undefined, settings: settingsOf(name, vectors) },
      originColumn: isVectorsFile(name) ? vectors.originColumn : undefined,
    },
  }));
}

/** The ids file belongs to the vectors that come from a file. */
function settingsOf(name: string, { settings }: VectorOptions): VectorOptions['settings'] {
  const { embeddingIds, ...others } = settings;
  return isVectorsFile(name) && embeddingIds !== undefined ? settings : others;
}

/** The name of a file without its folder and ending. */
export function fileStem(path: string): string {
  return basename(path).replace(/\.[^.]+$/, '') || path;
}
