import { basename } from 'node:path';
import { OptionError } from '../../index.ts';
import type { DataArguments, EmbeddingArguments } from '../commandArguments.ts';
import { checkEmbeddingArguments } from '../embedder.ts';
import { ENCODER_WEIGHT, type StudySource } from './namedDatasets.ts';

/**
 * The dataset of `--interactions`, `--items` and `--embedder`, a list of embedders; `lexical` if none is named.
 * @throws {OptionError} as `checkEmbeddingArguments`
 */
export function givenSource(args: DataArguments & EmbeddingArguments): StudySource {
  const { interactions, train, embedder = 'lexical' } = args;
  if (train !== undefined || args.split === 'ratio') {
    const problem = 'expected --interactions for leave-one-out splits by seed, received another split';
    throw new OptionError('reproduce', problem, 'Leave --train and --split out, or use evaluate');
  }
  const names = embedder.split(',').map((name) => name.trim());
  return {
    name: stem(interactions!),
    data: args,
    vectors: names.map((name) => {
      const isFile = /\.npy$/i.test(name);
      const single = { ...args, embedder: name, embeddingIds: isFile ? args.embeddingIds : undefined };
      checkEmbeddingArguments(single, true);
      return { name: stem(name), weight: name === 'lexical' ? 1 : ENCODER_WEIGHT, args: single };
    }),
  };
}

function stem(path: string): string {
  return basename(path).replace(/\.[^.]+$/, '') || path;
}
