import { createHash } from 'node:crypto';
import {
  ADAM,
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
  OptionError,
  type Protocol,
  type Runtime,
  type Split,
  type Strategy,
} from '../index.ts';
import type { TrainingArguments } from './commandArguments.ts';
import type { Progress } from './progress.ts';

/** One training: what is varied, and what it works on. */
export interface RunPlan {
  readonly init: Strategy;
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
  readonly settings: RunSettings;
}

/** Everything that decides the result of a run, as JSON values. */
export interface RunSettings {
  readonly init: Strategy;
  readonly dim: number;
  readonly pool: string;
  readonly normalize: boolean;
  readonly scale: number | null;
  readonly popularFraction: number | null;
  readonly fit: ReturnType<typeof fitSettings>;
  /** SHA-256 of the split and of the initial tables. */
  readonly inputs: string;
}

export interface FinishedRun {
  readonly result: FitResult;
  readonly test: MetricsResult;
}

/** @throws {OptionError} on options that do not go together; called before anything is read */
export function checkTrainingArguments(args: TrainingArguments): void {
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

/** Fills the initial tables. @throws as `initialize` */
export async function prepareRun(plan: RunPlan, runtime: Runtime): Promise<PreparedRun> {
  const { init, seed, split, args } = plan;
  const { dim, pool, normalize, scale, popularFraction } = args;
  const initialization = await initialize(split.train, init === 'xavier' ? null : plan.embeddings, {
    ...{ strategy: init, dim, pooling: pool, normalize, scale, popularFraction, seed, runtime },
  });
  return {
    plan,
    initialization,
    settings: {
      ...{ init, dim: initialization.dim, pool, normalize },
      scale: scale ?? null,
      popularFraction: popularFraction ?? null,
      fit: fitSettings(plan),
      inputs: digest(split, initialization),
    },
  };
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

/** Trains and measures on the test items. @throws as `fit` and `evaluate` */
export async function finishRun(
  { plan, initialization, settings }: PreparedRun,
  context: RunContext,
): Promise<FinishedRun> {
  const { runtime, progress, signal, label, ks, checkpoints } = context;
  const onProgress: FitOptions['onProgress'] = (event) => progress.training(label, event);
  try {
    const options = { ...settings.fit, ...checkpoints, runtime, signal, onProgress };
    const result = await fitModel(plan.split, initialization, options);
    const test = await evaluate(result.factors, plan.split, { protocol: plan.protocol, ks, runtime });
    return { result, test };
  } finally {
    progress.end();
  }
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

function markOf({ init, pool, normalize, scale, popularFraction, inputs }: RunSettings) {
  return { init, pool, normalize, scale, popularFraction, inputs };
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
    regularization: { weight: reg, form: regForm },
    ...Object.fromEntries(contrastiveNames(model).map((name) => [name, contrast[name]])),
  };
}

function digest({ train, valid, test }: Split, { users, items }: Initialization): string {
  const hash = createHash('sha256');
  for (const part of [train, valid, test]) hash.update(part.users).update(part.items);
  hash.update(JSON.stringify([train.userIds, train.itemIds]));
  return hash.update(users).update(items).digest('hex');
}
