import { choiceOf, DataError, decodeModel, type TrainOptions } from '../index.ts';
import { readBytes } from '../node.ts';

/**
 * What a training on everything repeats, without validation, of the one that made a model: the whole choice that `auto`
 * made, where the model was chosen and no model is named now; else its best epoch.
 * @throws {DataError} for a model that does not tell it
 */
export async function repeated(
  path: string,
  { model, init = 'auto' }: Pick<TrainOptions, 'model' | 'init'>,
): Promise<Pick<TrainOptions, 'repeat' | 'epochs'>> {
  const { config, metrics } = decodeModel(await readBytes(path), path);
  if ((config.contest ?? config.repeat) && model === undefined && init === 'auto')
    return { repeat: choiceOf({ config, metrics }) };
  const { bestEpoch } = metrics;
  if (typeof bestEpoch === 'number' && Number.isSafeInteger(bestEpoch) && bestEpoch >= 1)
    return { epochs: bestEpoch };
  const problem =
    'expected a model that `llminit train` made with validation, received one without a best epoch';
  throw new DataError(path, problem, 'Name another model, or pass --epochs', 'epochs');
}
