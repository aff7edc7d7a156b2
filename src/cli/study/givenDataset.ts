import { basename } from 'node:path';
import { OptionError } from '../../index.ts';
import type { DataArguments, EmbeddingArguments } from '../args/commandArguments.ts';
import {
  checkEmbeddingArguments,
  embedderNames,
  embedderWeights,
  isVectorsFile,
} from '../args/embedderArguments.ts';
import type { StudySource } from './namedDatasets.ts';

/**
 * The dataset of `--interactions`, `--items` and `--embedder`, a list of embedders; `lexical` if none is named.
 * @throws {OptionError} as `checkEmbeddingArguments`
 */
export function givenSource(args: DataArguments & EmbeddingArguments): StudySource {
  const { interactions, train } = args;
  if (train !== undefined || args.split === 'ratio') {
    const problem = 'expected --interactions for leave-one-out splits by seed, received another split';
    throw new OptionError('reproduce', problem, 'Leave --train and --split out, or use evaluate');
  }
  checkEmbeddingArguments(args, true);
  const weights = embedderWeights(args);
  return {
    name: stem(interactions![0]),
    data: args,
    vectors: embedderNames(args).map((name, n) => ({
      name: stem(name),
      weight: weights[n],
      args: {
        ...args,
        embedder: name,
        embedderWeights: undefined,
        embeddingIds: isVectorsFile(name) ? args.embeddingIds : undefined,
      },
    })),
  };
}

function stem(path: string): string {
  return basename(path).replace(/\.[^.]+$/, '') || path;
}
