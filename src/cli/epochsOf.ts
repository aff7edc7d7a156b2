import { DataError, decodeModel } from '../index.ts';
import { readBytes } from '../node.ts';

/**
 * The best epoch of the run that made a model, which a training on everything repeats without validation.
 * @throws {DataError} for a model that does not tell it
 */
export async function bestEpochOf(path: string): Promise<number> {
  const { metrics } = decodeModel(await readBytes(path), path);
  const { bestEpoch } = metrics;
  if (typeof bestEpoch === 'number' && Number.isSafeInteger(bestEpoch) && bestEpoch >= 1) return bestEpoch;
  const problem =
    'expected a model that `llminit train` made with validation, received one without a best epoch';
  throw new DataError(path, problem, 'Name another model, or pass --epochs', 'epochs');
}
