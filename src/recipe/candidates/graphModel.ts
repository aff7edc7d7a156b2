import type { GraphSize } from '../../data/graph.ts';
import { DataError } from '../../errors.ts';
import { evaluateScorer } from '../../evaluate/evaluate.ts';
import type { Initialization } from '../../init/tables.ts';
import { describeModel, readsCodes } from '../../models/registry.ts';
import { CodeScorer } from '../../rank/codeScorer.ts';
import type { Scorer } from '../../rank/scorer.ts';
import { SequenceScorer } from '../../rank/sequenceScorer.ts';
import { TableScorer } from '../../rank/tableScorer.ts';
import type { Checkpoint } from '../../train/checkpoint.ts';
import { type FitResult, fit, fitBytes } from '../../train/fit.ts';
import { resolveFitOptions } from '../../train/fitOptions.ts';
import type { InitialTables } from '../../train/initialTables.ts';
import type { FitOptions } from '../../train/options.ts';
import { OutOfTime } from '../deadline.ts';
import { type Init, nameOfInit, strategyOf } from '../inits.ts';
import { kindOf, type TrainOptions } from '../options.ts';
import { QUERY_WORK, TABLE_WORK, USUAL_DIM } from '../size.ts';
import { fitOptions, tableOptions } from '../stepOptions.ts';
import type { Candidate, Entry, TrialContext } from './candidate.ts';
import { restoreResult, saveResult } from './savedResult.ts';

/** Bytes of an interaction in the graph of the host. */
const GRAPH_BYTES = 32;
/** Copies of the vectors while tables are made of them. */
const VECTOR_TABLES = 3;

/** Multiplications of ranking all items for one user. */
function ranking({ numItems }: GraphSize, dim: number): number {
  return QUERY_WORK + TABLE_WORK * numItems * dim;
}

/** A graph model trained from one initialisation: tables and `fit`. */
export function graphModel(name: string, init: Init): Entry {
  const tables = async (context: TrialContext): Promise<Initialization & Pick<InitialTables, 'codes'>> => {
    const { data, options, runtime, signal } = context;
    const strategy = strategyOf(init, data.tellsItemsApart);
    const initial = await data.initialTables({ ...tableOptions(strategy, options), runtime, signal });
    if (!readsCodes(options.model)) return initial;
    const { codeLevels: levels, codeSize: size, seed } = options;
    return { ...initial, codes: await data.itemCodes({ levels, size, seed, runtime, signal }) };
  };
  const resolvedFor = ({ numEdges, numUsers }: GraphSize, options: TrainOptions) => {
    const resolved = resolveFitOptions(fitOptions(options, init, { length: numEdges, numUsers }));
    return { ...resolved, batchSize: Math.min(resolved.batchSize, numEdges) };
  };
  const rankingFor = (graph: GraphSize, options: TrainOptions) => {
    const resolved = resolvedFor(graph, options);
    const dim = options.dim ?? USUAL_DIM;
    return describeModel(resolved.model).ranking?.(graph, dim, resolved) ?? ranking(graph, dim);
  };
  /** In a choice all candidates are measured by the users of the sample. */
  const measuresAll = (options: TrainOptions) => kindOf(init, options) === 'graph' && !options.repeat;
  const settingsOf = ({ split, options }: Pick<TrialContext, 'split' | 'options'>) =>
    fitOptions(options, init, split.train);
  const candidate = async (context: TrialContext, result: FitResult, timeUp: boolean): Promise<Candidate> => {
    const { bestMetric, bestEpoch, stoppedBy, history } = result;
    const { model } = resolveFitOptions(settingsOf(context));
    const scorer = scorerOf(model, result);
    const sample = measuresAll(context.options) && context.split !== context.data.split;
    const metric = sample && bestMetric !== null ? await measuredOnAll(context, scorer) : bestMetric;
    const epochsBy = sample && { epochsValidatedBy: new Set(context.split.valid.users).size };
    return {
      ...{ name, model, metric, scorer },
      report: { bestEpoch, epochs: history.length, stoppedBy: timeUp ? 'clock' : stoppedBy, ...epochsBy },
      compared: history.filter((epoch) => epoch.metric !== null).length,
      graph: { result, initialization: await tables(context) },
    };
  };
  return {
    name,
    cost({ graph, valid, heldOut = valid }, options) {
      const { epochs, ...resolved } = resolvedFor(graph, options);
      const dim = options.dim ?? USUAL_DIM;
      const epoch = describeModel(resolved.model).work(graph, dim, resolved);
      const ranked = rankingFor(graph, options);
      const fixed = measuresAll(options) && heldOut > valid ? heldOut * ranked : 0;
      return { fixed, unit: epoch + valid * ranked, units: epochs };
    },
    ranking: ({ graph }, options) => rankingFor(graph, options),
    bytes({ graph, width, valid }, options, threads) {
      const dim = options.dim ?? USUAL_DIM;
      const resolved = resolvedFor(graph, options);
      const table = 4 * dim * graph.numNodes;
      const vectors = width === null ? 0 : VECTOR_TABLES * 4 * width * graph.numItems;
      const host = GRAPH_BYTES * graph.numEdges + vectors + 4 * table;
      const told = { ...resolved, ...mapOf(init, width, options) };
      const memory = fitBytes(graph, dim, told, { validates: valid > 0, threads });
      return { working: memory + host, kept: 3 * table };
    },
    async run(context) {
      const { result, timeUp } = await trained(context, settingsOf(context), await tables(context));
      return candidate(context, result, timeUp);
    },
    save({ graph, report }) {
      const { record, tensors } = saveResult(graph!.result);
      return { record: { ...record, timeUp: report.stoppedBy === 'clock' }, tensors };
    },
    async restore(saved, context) {
      const { numUsers, numItems } = context.split.train;
      const { dim, adapter, codes } = await tables(context);
      const result = restoreResult(
        saved,
        { numUsers, numItems, dim },
        { adapterLayers: adapter ? (adapter.layers ?? 1) : null, codes: codes ?? null },
      );
      const timeUp = saved.record.timeUp === true;
      if (!timeUp) checkEpochs(name, result, context.units);
      return candidate(context, result, timeUp);
    },
  };
}

/** The trained map of an initialisation that is one, before it is made: of its vectors and its start only the sizes are known. */
function mapOf(init: Init, width: number | null, { adapterLayers: layers, adapterUsers }: TrainOptions) {
  if (nameOfInit(init) !== 'adapter' || width === null) return {};
  const unknown = new Float32Array(0);
  const users = adapterUsers === 'mapped' && { userFeatures: unknown };
  return { adapter: { width, layers, features: unknown, start: unknown, ...users } };
}

function scorerOf(model: string, { factors, sequence }: FitResult): Scorer {
  if (!sequence) return new TableScorer(model, factors);
  if (sequence.codes) return new CodeScorer(model, sequence);
  return new SequenceScorer(model, { items: factors.items, weights: sequence });
}

/** The validation metric over all users, where epochs were validated on a part of them. */
async function measuredOnAll({ data, options, runtime }: TrialContext, scorer: Scorer): Promise<number> {
  // Not the signal of the trial, which also ends a training whose time is up.
  const { signal } = options;
  const how = { part: 'valid', protocol: options.protocol, ks: [10], runtime, signal } as const;
  return (await evaluateScorer(scorer, data.split, how)).means['ndcg@10'];
}

/** The training of a trial; where its time is up, that of the epochs which had ended. */
async function trained(
  { split, runtime, signal, units, onProgress, onCheckpoint, resume }: TrialContext,
  options: FitOptions,
  tables: Initialization,
): Promise<{ result: FitResult; timeUp: boolean }> {
  const settings = { ...options, epochs: units, runtime, onProgress };
  let state: Checkpoint | null = null;
  const keep = async (checkpoint: Checkpoint) => {
    state = checkpoint;
    await onCheckpoint?.(checkpoint);
  };
  try {
    const result = await fit(split, tables, { ...settings, signal, onCheckpoint: keep, resume });
    return { result, timeUp: false };
  } catch (error) {
    const ended = (state as Checkpoint | null)?.history.length ?? 0;
    if (!(error instanceof OutOfTime) || ended === 0) throw error;
    return { result: await fit(split, tables, { ...settings, epochs: ended, resume: state! }), timeUp: true };
  }
}

/** A finished trial stands for one with other `epochs` only if something else had ended it before. */
function checkEpochs(name: string, { stoppedBy, history }: FitResult, epochs: number): void {
  const done = history.length;
  if (stoppedBy === 'epochs' ? done === epochs : done <= epochs) return;
  const problem = `expected epochs ${done}, for which the finished trial ${name} ran, received ${epochs}`;
  throw new DataError('resume', problem, 'Resume with the same epochs, or start anew without the checkpoint');
}
