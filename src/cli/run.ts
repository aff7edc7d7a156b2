import { createHash } from 'node:crypto';
import {
  ADAM,
  adapterInput,
  type Checkpoint,
  DataError,
  type Embeddings,
  evaluate,
  type FitOptions,
  type FitResult,
  fit as fitModel,
  type Initialization,
  initialize,
  type MetricsResult,
  type ModelName,
  type NegativesOptions,
  OptionError,
  type Protocol,
  RECOMMENDED_SCALES,
  type Runtime,
  type Split,
} from '../index.ts';
import { describeModel } from '../models/registry.ts';
import type { TrainingArguments } from './args/commandArguments.ts';
import { type InitName, readsVectors, strategyOf } from './args/initNames.ts';
import type { Progress } from './progress.ts';

/** One training: what is varied, and what it works on. */
export interface RunPlan {
  readonly init: InitName;
  /** Of the initialisation and of training. */
  readonly seed: number;
  readonly protocol: Protocol;
  readonly split: Split;
  readonly embeddings: Embeddings | null;
  readonly args: TrainingArguments;
}

/** A plan whose tables are filled, with all settings that decide its result. */
export interface PreparedRun {
  readonly plan: RunPlan;
  readonly initialization: Initialization;
  /** The other tables that `auto` tries. */
  readonly alternatives: readonly Initialization[];
  /** What `frozen` and `adapter` tell `fit`. */
  readonly hold: Pick<FitOptions, 'frozenColumns' | 'adapter'>;
  readonly settings: RunSettings;
}

/** Everything that decides the result of a run, as JSON values. */
export interface RunSettings {
  readonly init: InitName;
  readonly dim: number;
  readonly pool: string;
  readonly normalize: boolean;
  readonly scale: number | null;
  readonly popularFraction: number | null;
  readonly whitenExponent: number | null;
  readonly graphWeight: number | null;
  readonly frozenColumns: number | null;
  readonly adapterLayers: number | null;
  readonly fit: ReturnType<typeof fitSettings>;
  /** SHA-256 of the split and of the initial tables. */
  readonly inputs: string;
}

export interface FinishedRun {
  readonly result: FitResult;
  /** The tables that the result began with. */
  readonly initialization: Initialization;
  /** Mean norm of their item rows that `auto` chose; null where nothing was chosen. */
  readonly chosenScale: number | null;
  readonly test: MetricsResult;
}

/** @throws {OptionError} on options that do not go together; called before anything is read */
export function checkTrainingArguments(args: TrainingArguments, inits: readonly InitName[]): void {
  checkReaders(args, inits);
  const { model, layers } = args;
  if (model === 'bpr-mf' && layers) {
    throw new OptionError(
      '--layers',
      `expected 0 for bpr-mf, received ${layers}`,
      'Leave it out, or use lightgcn',
    );
  }
  for (const [flag, name] of CONTRASTIVE_FLAGS) {
    if (args[name] === undefined || contrastiveNames(model).includes(name)) continue;
    const models = name === 'temperature' ? 'sgl, sgcl or mixsgcl' : 'sgl';
    const problem = `expected --model ${models} beside it, received ${model}`;
    throw new OptionError(flag, problem, `Leave it out: ${model} does not read it`);
  }
}

/** Refuses options that nothing would read. */
function checkReaders(args: TrainingArguments, inits: readonly InitName[]): void {
  const { popularityExponent, hardCandidates, negatives } = args;
  const readers: readonly [flag: string, value: unknown, by: readonly InitName[]][] = [
    ['--whiten-exponent', args.whitenExponent, ['whiten', 'graph-pca', 'auto']],
    ['--graph-weight', args.graphWeight, ['graph-pca', 'auto']],
    ['--popular-fraction', args.popularFraction, ['variance']],
    ['--frozen-columns', args.frozenColumns, ['frozen']],
    ['--adapter-layers', args.adapterLayers, ['adapter']],
  ];
  for (const [flag, value, by] of readers) {
    if (value === undefined || inits.some((init) => by.includes(init))) continue;
    const problem = `expected --init ${by.join(' or ')} beside it, received ${inits.join(', ')}`;
    throw new OptionError(flag, problem, 'Leave it out');
  }
  if (popularityExponent !== undefined && negatives !== 'popularity') {
    const problem = `expected --negatives popularity beside it, received ${negatives ?? 'none'}`;
    throw new OptionError('--popularity-exponent', problem, 'Add it');
  }
  if (hardCandidates !== undefined && negatives !== 'hard') {
    const problem = `expected --negatives hard beside it, received ${negatives ?? 'none'}`;
    throw new OptionError('--hard-candidates', problem, 'Add it');
  }
  if (negatives !== undefined && (args.model === 'sgcl' || args.model === 'mixsgcl')) {
    const problem = `expected a model that samples negatives beside it, received ${args.model}`;
    throw new OptionError('--negatives', problem, 'Leave it out');
  }
}

const CONTRASTIVE_FLAGS = [
  ['--temperature', 'temperature'],
  ['--ssl-weight', 'sslWeight'],
  ['--augmentation', 'augmentation'],
  ['--dropout', 'dropout'],
] as const;

/** The contrastive options that a model reads. */
function contrastiveNames(model: ModelName): readonly (typeof CONTRASTIVE_FLAGS)[number][1][] {
  if (model === 'sgl') return CONTRASTIVE_FLAGS.map(([, name]) => name);
  return model === 'sgcl' || model === 'mixsgcl' ? ['temperature'] : [];
}

/**
 * Fills the initial tables.
 * @throws as `initialize` and `adapterInput`
 */
export async function prepareRun(plan: RunPlan, runtime: Runtime): Promise<PreparedRun> {
  const { init, seed, split, args } = plan;
  const { dim, pool, normalize, scale, popularFraction, whitenExponent, graphWeight } = args;
  const embeddings = readsVectors(init) ? plan.embeddings : null;
  const tables = (by: number | undefined) =>
    initialize(split.train, embeddings, {
      ...{ strategy: strategyOf(init), dim, pooling: pool, normalize, popularFraction, seed, runtime },
      ...{ scale: by, whitenExponent, graphWeight },
    });
  const scales = scalesOf(plan);
  const initialization = await tables(scales[0] ?? scale);
  const alternatives: Initialization[] = [];
  for (const other of scales.slice(1)) alternatives.push(await tables(other));
  const hold = await textHold(plan, initialization, runtime);
  return {
    plan,
    initialization,
    alternatives,
    hold,
    settings: {
      ...{ init, dim: initialization.dim, pool, normalize },
      scale: scale ?? null,
      popularFraction: popularFraction ?? null,
      whitenExponent: whitenExponent ?? null,
      graphWeight: graphWeight ?? null,
      frozenColumns: hold.frozenColumns ?? null,
      adapterLayers: hold.adapter?.layers ?? null,
      fit: fitSettings(plan),
      inputs: digest(split, initialization, hold.adapter?.features),
    },
  };
}

/** What `auto` tries: nothing with `--scale`, or without validation interactions to choose by. */
function scalesOf({ init, split, args }: Pick<RunPlan, 'init' | 'split' | 'args'>): readonly number[] {
  return init === 'auto' && args.scale === undefined && split.valid.length > 0 ? RECOMMENDED_SCALES : [];
}

/** `frozen` keeps the first half of the columns, the leading components, unless told how many. */
async function textHold(
  { init, split, embeddings, seed, args }: RunPlan,
  { dim }: Initialization,
  runtime: Runtime,
): Promise<PreparedRun['hold']> {
  if (init === 'frozen') return { frozenColumns: args.frozenColumns ?? Math.floor(dim / 2) };
  if (init !== 'adapter') return {};
  const input = await adapterInput(split.train, embeddings!, { dim, runtime });
  return { adapter: { ...input, layers: args.adapterLayers ?? 1, seed } };
}

/** What a run takes besides its plan. */
export interface RunContext {
  readonly runtime: Runtime;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly label: string;
  readonly ks: readonly number[];
  readonly checkpoints?: Pick<FitOptions, 'onCheckpoint' | 'checkpointEvery' | 'resume'>;
}

/**
 * Trains and measures on the test items. `auto` trains from each of its tables and keeps the run with the higher
 * validation metric, of equals the first.
 * @throws as `fit` and `evaluate`
 */
export async function finishRun(prepared: PreparedRun, context: RunContext): Promise<FinishedRun> {
  const { plan, initialization, alternatives } = prepared;
  const { runtime, ks } = context;
  const scales = scalesOf(plan);
  let best: { result: FitResult; initialization: Initialization; trial: number } | null = null;
  for (const [trial, tables] of [initialization, ...alternatives].entries()) {
    const result = await train(prepared, tables, trial, context);
    if (best && (result.bestMetric ?? 0) <= (best.result.bestMetric ?? 0)) continue;
    best = { result, initialization: tables, trial };
  }
  const { result, trial } = best!;
  const test = await evaluate(result.factors, plan.split, { protocol: plan.protocol, ks, runtime });
  return { result, initialization: best!.initialization, chosenScale: scales[trial] ?? null, test };
}

/** One training; a checkpoint says which trial it belongs to, and is resumed by that one. */
async function train(
  { plan, alternatives, hold, settings }: PreparedRun,
  tables: Initialization,
  trial: number,
  { runtime, progress, signal, label, checkpoints = {} }: RunContext,
): Promise<FitResult> {
  const trials = 1 + alternatives.length;
  const name = trials > 1 ? `${label} (trial ${trial + 1} of ${trials})` : label;
  const onProgress: FitOptions['onProgress'] = (event) => progress.training(name, event);
  const { onCheckpoint, resume, checkpointEvery } = checkpoints;
  const hooks: Pick<FitOptions, 'onCheckpoint' | 'checkpointEvery' | 'resume'> = {
    checkpointEvery,
    onCheckpoint:
      onCheckpoint && ((state) => onCheckpoint({ ...state, fingerprint: { ...state.fingerprint, trial } })),
    resume: ownCheckpoint(resume, trial),
  };
  try {
    const options = { ...settings.fit, ...hold, ...hooks, runtime, signal, onProgress };
    return await fitModel(plan.split, tables, options);
  } finally {
    progress.end();
  }
}

/** The checkpoint as `fit` wrote it, if it is this trial's. */
function ownCheckpoint(checkpoint: Checkpoint | undefined, trial: number): Checkpoint | undefined {
  if (!checkpoint) return undefined;
  const { trial: own = 0, ...fingerprint } = checkpoint.fingerprint;
  return own === trial ? { ...checkpoint, fingerprint } : undefined;
}

/** The checkpoint with all settings of its run, so that it is not resumed by another one. */
export function markCheckpoint(checkpoint: Checkpoint, settings: RunSettings): Checkpoint {
  return { ...checkpoint, fingerprint: { ...checkpoint.fingerprint, run: markOf(settings) } };
}

/**
 * The checkpoint as `fit` wrote it.
 * @throws {DataError} when it belongs to a run with other settings
 */
export function unmarkCheckpoint(checkpoint: Checkpoint, settings: RunSettings, name: string): Checkpoint {
  const { run, ...fingerprint } = checkpoint.fingerprint;
  const before: Record<string, unknown> = run !== null && typeof run === 'object' ? { ...run } : {};
  for (const [key, now] of Object.entries(markOf(settings))) {
    if (before[key] === now) continue;
    const what = key === 'inputs' ? 'other data or vectors' : `${key} ${before[key] ?? 'unknown'}`;
    const problem = `expected a checkpoint of this run (${key} ${now}), received one with ${what}`;
    throw new DataError(name, problem, 'Resume with the same files and options, or leave --resume out');
  }
  return { ...checkpoint, fingerprint };
}

function markOf({ fit: _, dim: __, ...mark }: RunSettings) {
  return mark;
}

/** Options of `fit` with nothing left to its defaults, so that files tell what they were. */
function fitSettings({ args, seed, protocol }: RunPlan) {
  const { model, layers, batch, epochs, patience, optimizer, lr, reg, regForm } = args;
  const { temperature = 0.2, sslWeight = 0.05, augmentation = 'ED', dropout = 0.1 } = args;
  const contrast = { temperature, sslWeight, augmentation, dropout };
  return {
    model,
    layers: layers ?? (model === 'bpr-mf' ? 0 : 2),
    batchSize: batch,
    ...{ epochs, patience, seed, protocol },
    optimizer: optimizer === 'adam' ? { ...ADAM, learningRate: lr } : { name: optimizer, learningRate: lr },
    ...(describeModel(model).options.includes('regularization') && {
      regularization: { weight: reg, form: regForm },
    }),
    ...(args.negatives !== undefined && { negatives: negativesOf(args) }),
    ...Object.fromEntries(contrastiveNames(model).map((name) => [name, contrast[name]])),
  };
}

function negativesOf({ negatives, popularityExponent, hardCandidates }: TrainingArguments): NegativesOptions {
  switch (negatives) {
    case 'popularity':
      return { name: negatives, exponent: popularityExponent ?? 0.75 };
    case 'hard':
      return { name: negatives, candidates: hardCandidates ?? 8 };
    default:
      return { name: negatives ?? 'uniform' };
  }
}

/** Everything that decides the result of a baseline, as JSON values. */
export interface BaselineSettings {
  readonly baseline: string;
  readonly protocol: Protocol;
  readonly seed: number;
  readonly dim: number;
  /** SHA-256 of the split and of the vectors. */
  readonly inputs: string;
}

export function baselineSettings(
  { name, protocol, seed, split }: { name: string; protocol: Protocol; seed: number; split: Split },
  embeddings: Embeddings | null,
  dim: number,
): BaselineSettings {
  const none = { users: new Float32Array(0), items: new Float32Array(0) };
  return { baseline: name, protocol, seed, dim, inputs: digest(split, none, embeddings?.vectors) };
}

function digest(
  { train, valid, test }: Split,
  { users, items }: Pick<Initialization, 'users' | 'items'>,
  features: Float32Array | undefined,
): string {
  const hash = createHash('sha256');
  for (const part of [train, valid, test]) hash.update(part.users).update(part.items);
  hash.update(JSON.stringify([train.userIds, train.itemIds]));
  hash.update(users).update(items);
  if (features) hash.update(features);
  return hash.digest('hex');
}
