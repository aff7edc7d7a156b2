import { UnsupportedError } from '../errors.ts';
import { readBytes } from '../node/files.ts';
import { Recommender } from '../serve/recommender.ts';

/** Opens a model file; one of a model of sequences with what reads it, which other commands do not wait for. */
export async function openModelFile(path: string): Promise<Recommender> {
  const bytes = await readBytes(path);
  try {
    return await Recommender.open(bytes, path);
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    const { load, Sequences } = await import('../sequences.ts');
    return Recommender.open(bytes, { name: path, sequences: new Sequences(await load()) });
  }
}
