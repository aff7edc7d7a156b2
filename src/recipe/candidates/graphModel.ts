import { type FitResult, fit } from '../../train/fit.ts';
import { type InitName, readsVectors, strategyOf } from '../inits.ts';
import { fitOptions, tableOptions } from '../options.ts';
import type { Candidate, Entry, TrialContext } from './candidate.ts';
import { restoreResult, saveResult } from './savedResult.ts';

/** How one of several trials begins. */
export interface GraphModelEntry {
  readonly init: InitName;
  /** Mean norm of the initial item rows; undefined for the strategy's own. */
  readonly scale: number | undefined;
  /** Whether trials differ by it. */
  readonly varied: boolean;
}

/** A graph model trained from one initialisation: tables and `fit`. */
export function graphModel({ init, scale, varied }: GraphModelEntry): Entry {
  const tables: Entry['tables'] = ({ data, options, runtime }) =>
    data.initialTables({ ...tableOptions(init, options), scale, runtime });
  const name = varied ? `${strategyOf(init)}, scale ${scale}` : init;
  const candidate = async (context: TrialContext, result: FitResult): Promise<Candidate> => ({
    ...{ name, metric: result.bestMetric, scale: varied ? (scale ?? null) : null, result },
    initialization: await tables(context),
  });
  return {
    name,
    needsVectors: readsVectors(init),
    tables,
    async run(context) {
      const { data, options, runtime, signal, onProgress, onCheckpoint, resume } = context;
      const hooks = { runtime, signal, onProgress, onCheckpoint, resume };
      const settings = { ...fitOptions(options), ...hooks };
      return candidate(context, await fit(data.split, await tables(context), settings));
    },
    save: ({ result }) => saveResult(result),
    restore(saved, context) {
      const { data, settings } = context;
      const { numUsers, numItems } = data.split.train;
      const { dim, adapterLayers } = settings;
      return candidate(context, restoreResult(saved, { numUsers, numItems, dim }, adapterLayers));
    },
  };
}
