import { OptionError, shown } from '../../index.ts';
import type { EmbeddingArguments } from './commandArguments.ts';

/** Weight of vectors from an encoder beside lexical ones (validation NDCG@10 on amazon-office). */
export const ENCODER_WEIGHT = 0.5;

/** The embedders of `--embedder`, in order. */
export function embedderNames({ embedder = 'lexical' }: EmbeddingArguments): string[] {
  return embedder.split(',').map((name) => name.trim());
}

/** Weights of several embedders, in order. */
export function embedderWeights(args: EmbeddingArguments): number[] {
  const names = embedderNames(args);
  return args.embedderWeights ?? names.map((name) => (name === 'lexical' ? 1 : ENCODER_WEIGHT));
}

export function isVectorsFile(embedder: string): boolean {
  return /\.(npy|safetensors)$/i.test(embedder);
}

/** @throws {OptionError} when options of the vectors do not go together; called before anything is read */
export function checkEmbeddingArguments(args: EmbeddingArguments, needsText: boolean): void {
  const { embeddingIds, items, encoder, cache, modelFolder, embedderWeights: weights } = args;
  const names = embedderNames(args);
  for (const name of names) {
    if (name === 'lexical' || name === 'transformers' || isVectorsFile(name)) continue;
    const problem = `expected lexical, transformers, or a .npy or .safetensors file, received ${shown(name)}`;
    throw new OptionError('--embedder', problem, 'Pass one of them, or several separated by commas');
  }
  const twice = names.find((name, n) => names.indexOf(name) < n);
  if (twice !== undefined)
    throw new OptionError(
      '--embedder',
      `expected each embedder once, received ${twice} twice`,
      'Name it once',
    );
  if (weights && (names.length === 1 || weights.length !== names.length)) {
    const problem = `expected a weight for each of several embedders, received ${weights.length} for ${names.length}`;
    throw new OptionError('--embedder-weights', problem, 'Pass as many, or leave it out');
  }
  const npy = names.filter((name) => /\.npy$/i.test(name));
  if (npy.length > 1) {
    const problem = `expected one .npy file at most, received ${npy.length}`;
    throw new OptionError('--embedder', problem, 'Use .safetensors files, which carry their ids');
  }
  if (npy.length === 1 && !embeddingIds) {
    const problem = 'expected --embedding-ids beside a .npy file, received none';
    throw new OptionError('--embedder', problem, 'Pass the ids file');
  }
  if (embeddingIds && !names.some(isVectorsFile)) {
    const problem = 'expected a vectors file in --embedder beside it, received none';
    throw new OptionError('--embedding-ids', problem, 'Pass --embedder F.npy, or leave it out');
  }
  const forTransformers = { '--encoder': encoder, '--cache': cache, '--model-folder': modelFolder };
  const flag = Object.entries(forTransformers).find(([, value]) => value !== undefined)?.[0];
  if (!names.includes('transformers') && flag !== undefined) {
    const problem = `expected --embedder transformers beside it, received ${args.embedder ?? 'none'}`;
    throw new OptionError(flag, problem, 'Add it');
  }
  if (needsText && !names.every(isVectorsFile) && items === undefined) {
    const problem =
      'expected --items (a catalogue) or --embedder F.npy for an init that uses text, received neither';
    throw new OptionError('--init', problem, 'Pass one, or --init xavier');
  }
}
