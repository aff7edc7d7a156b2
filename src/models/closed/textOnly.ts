import type { Interactions } from '../../data/interactions.ts';
import type { Embeddings } from '../../embed/embeddings.ts';
import { DataError } from '../../errors.ts';
import { initialize, RECOMMENDED_STRATEGY } from '../../init/initialize.ts';
import { integer } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { TableScorer } from '../../rank/tableScorer.ts';
import type { Runtime } from '../../runtime/load.ts';
import { RUNTIME } from '../../runtime/option.ts';
import { propagateTables } from '../propagateTables.ts';
import type { ClosedModelDescriptor, ClosedRun } from './descriptor.ts';

export interface TextOnlyOptions {
  /** Columns of the tables. Default as in `initialize`. */
  readonly dim?: number;
  /** Of the rows of items without a vector. Default 2020. */
  readonly seed?: number;
  readonly runtime?: Runtime;
}

/** Every option of `textOnly`. */
export const TEXT_ONLY_OPTIONS = {
  dim: integer({ about: 'columns of the tables', min: 1, defaultText: '128, or what the vectors allow' }),
  seed: integer({ about: 'of the rows of items without a vector', min: 0, default: 2020 }),
  runtime: RUNTIME,
} satisfies DescriptorsOf<TextOnlyOptions>;

/**
 * Text alone: the tables of the recommended initialisation, propagated over the training graph as LightGCN does, without
 * training. Epoch 0 of every graph model here.
 *
 * @throws as `initialize`; {DataError} without vectors
 */
export async function textOnly(
  train: Interactions,
  embeddings: Embeddings | null,
  options: TextOnlyOptions = {},
  initialTables: ClosedRun['initialTables'] = (own) => initialize(train, embeddings, own),
): Promise<TableScorer> {
  const { dim, seed, runtime } = resolveOptions(TEXT_ONLY_OPTIONS, options, 'textOnly');
  if (embeddings === null)
    throw new DataError('textOnly', 'expected vectors of the items, received none', 'Embed the catalogue');
  const tables = await initialTables({ strategy: RECOMMENDED_STRATEGY, dim, seed, runtime });
  return new TableScorer('text-only', await propagateTables(train, tables, { runtime }));
}

export const textOnlyModel: ClosedModelDescriptor<'text-only'> = {
  name: 'text-only',
  kind: 'closed',
  vectors: 'required',
  options: TEXT_ONLY_OPTIONS,
  grid: () => [{}],
  async train(train, embeddings, settings, { runtime, initialTables } = {}) {
    const scorers = [];
    for (const given of settings)
      scorers.push(await textOnly(train, embeddings, { ...given, runtime }, initialTables));
    return scorers;
  },
};
