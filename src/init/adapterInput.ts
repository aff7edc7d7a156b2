import type { Interactions } from '../data/interactions.ts';
import type { Embeddings } from '../embed/embeddings.ts';
import { optionsObject } from '../options/resolve.ts';
import type { Runtime } from '../runtime/load.ts';
import { initialize } from './initialize.ts';
import type { AdapterStart } from './strategy.ts';

/**
 * What `fit` takes as `adapter`.
 *
 * @example
 * const { features, width, start }: AdapterInput = await adapterInput(split.train, embeddings, { dim: 8, runtime });
 */
export type AdapterInput = Pick<AdapterStart, 'features' | 'width' | 'start'>;

/**
 * Text vectors of the items and the linear map that makes the rows of `pca` from them, for a model whose items have no
 * table of their own. `initialize` with the strategy `adapter` gives it together with the tables.
 *
 * @throws {OptionError} when the vectors have no `dim` components (default 128, or as many as they have)
 * @throws {DataError} when no item has a vector other than zeros
 * @example
 * const { features, width } = await adapterInput(split.train, embeddings, { dim: 8, runtime });
 * features.length === width * split.train.numItems; // → true
 */
export async function adapterInput(
  train: Interactions,
  embeddings: Embeddings,
  options: { readonly dim?: number; readonly runtime?: Runtime } = {},
): Promise<AdapterInput> {
  optionsObject(options, { where: 'adapterInput' });
  const { adapter } = await initialize(train, embeddings, { ...options, strategy: 'adapter' });
  const { features, width, start } = adapter!;
  return { features, width, start };
}
