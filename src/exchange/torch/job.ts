import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { type Csr, interactionsToCsr } from '../../data/csr.ts';
import { Graph } from '../../data/graph.ts';
import { UnsupportedError } from '../../errors.ts';
import type { JsonValue } from '../../format/json.ts';
import { encodeSafetensors } from '../../format/safetensors.ts';
import type { Tensor } from '../../format/tensor.ts';
import type { Initialization } from '../../init/tables.ts';
import { checkedInit, strategyOf } from '../../recipe/inits.ts';
import { COMMON, type TrainOptions } from '../../recipe/options.ts';
import { fitOptions, tableOptions } from '../../recipe/stepOptions.ts';
import { prepareTraining } from '../../recipe/train.ts';
import type { TrainingData } from '../../recipe/trainingData.ts';
import type { Runtime } from '../../runtime/load.ts';
import { encodeModel } from '../../serve/modelFile/encode.ts';
import { resolveFitOptions } from '../../train/fitOptions.ts';
import { type ModelFromOptions, modelFrom } from '../../train/trainedModel.ts';
import { firstBatches } from './batches.ts';
import { checkTorchModel, torchTraining } from './training.ts';

/** The files of a job by name, `job.json` last. */
export type JobFiles = Readonly<Record<string, Uint8Array>>;

/** What a job is made of beside its data. */
export interface TorchJobOptions {
  readonly runtime: Runtime;
  /** What the model file keeps: titles, attributes, vectors of new texts. */
  readonly keep: Pick<ModelFromOptions, 'itemTitles' | 'attributes' | 'embeddings'>;
  /** How the data was read, for the model file. */
  readonly config: (config: Record<string, JsonValue>) => Record<string, JsonValue>;
  /** How many of the batches of `fit` are written as well. Default none. */
  readonly batches?: number;
  readonly signal?: AbortSignal;
}

/** A job for `engines/torch/train.py`, and what is worth telling about it. */
export interface TorchJob {
  readonly files: JobFiles;
  readonly tables: Initialization;
}

/**
 * A training as files for PyTorch: `start.safetensors` is a model file with E⁽⁰⁾ for its factors, with ids, titles and
 * histories, `graph.safetensors` holds Â and what is held out, and `job.json` the options with the SHA-256 of both.
 *
 * @throws {UnsupportedError} for a model, an option or weighted interactions that `train.py` does not know
 * @throws as `train`
 */
export async function torchJob(
  data: TrainingData,
  options: TrainOptions,
  { runtime, keep, config, batches, signal }: TorchJobOptions,
): Promise<TorchJob> {
  const named = { ...options, model: options.model ?? 'lightgcn', runtime } as const;
  checkTorchOptions(named);
  const { settings } = await prepareTraining(data, { ...named, signal });
  const { split } = data;
  const init = checkedInit(named.init);
  const given = fitOptions(named, init, split.train);
  const graph = new Graph(split.train);
  checkWeights(graph);
  const strategy = strategyOf(init, data.tellsItemsApart);
  const tables = await data.initialTables({ ...tableOptions(strategy, named), runtime, signal });
  const asked = resolveFitOptions(given, tables);
  const resolved = { ...asked, batchSize: Math.min(asked.batchSize, split.train.length) };
  const training = torchTraining(resolved, resolved.frozenColumns ?? 0);
  const made = {
    ...{ init: settings.init, ...settings.tables, dim: tables.dim, ...settings.fit },
    ...{ model: resolved.model, protocol: settings.protocol, seed: settings.seed },
    ...{ varianceKept: tables.varianceKept, inputs: settings.inputs },
  };
  const start = encodeModel(modelFrom(split, tables, { ...keep, config: config(made) }));
  const held = { valid: interactionsToCsr(split.valid), test: interactionsToCsr(split.test) };
  const files = { 'start.safetensors': start, 'graph.safetensors': encodeGraph(graph, held) };
  const job = {
    ...{ format: 'llminit-handover', version: 1, engine: 'torch' },
    ...{ users: graph.numUsers, items: graph.numItems, interactions: split.train.length, dim: tables.dim },
    training,
    files: Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, bytesToHex(sha256(bytes))]),
    ),
  };
  return {
    tables,
    files: {
      ...files,
      ...(batches !== undefined && {
        'batches.safetensors': firstBatches(graph, resolved, batches, runtime),
      }),
      'job.json': new TextEncoder().encode(`${JSON.stringify(job, null, 2)}\n`),
    },
  };
}

/**
 * Refuses what cannot be handed over, before any work is done.
 * @throws {UnsupportedError} for a model or an option that `train.py` does not know
 */
export function checkTorchOptions(options: TrainOptions): void {
  const model = COMMON.model.check(options.model ?? 'lightgcn', 'model', 'handover torch');
  checkTorchModel(model);
  const given = fitOptions({ ...options, model }, checkedInit(options.init), { length: 1, numUsers: 1 });
  torchTraining(resolveFitOptions(given), 0);
}

function checkWeights({ weights }: Graph): void {
  if (weights === null) return;
  throw new UnsupportedError(
    'handover torch',
    'expected interactions that count alike, received some with weights',
    'Read them with --feedback-weights binary, or train here with llminit train',
    'feedbackWeights',
  );
}

/** Â, users first, and the held-out items of each user. */
function encodeGraph({ adjacency }: Graph, held: Readonly<Record<'valid' | 'test', Csr>>): Uint8Array {
  return encodeSafetensors(
    {
      ...csrTensors('', adjacency),
      values: { dtype: 'F32', shape: [adjacency.values.length], data: adjacency.values },
      ...csrTensors('valid.', held.valid),
      ...csrTensors('test.', held.test),
    },
    { format: 'llminit-graph', version: '1' },
  );
}

function csrTensors(prefix: string, { rowPtr, colIdx }: Csr): Record<string, Tensor> {
  return {
    [`${prefix}row_ptr`]: { dtype: 'I32', shape: [rowPtr.length], data: rowPtr },
    [`${prefix}col_idx`]: { dtype: 'I32', shape: [colIdx.length], data: colIdx },
  };
}
