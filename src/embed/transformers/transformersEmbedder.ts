import { OptionError, shown } from '../../errors.ts';
import { checkOptionNames, optionsObject } from '../../options/resolve.ts';
import { type BatchOptions, embedInBatches } from '../batches.ts';
import type { EmbedderDescriptor } from '../descriptor.ts';
import type { Embedder } from '../embedder.ts';
import type { Embeddings } from '../embeddings.ts';
import { encodeTexts } from './forward.ts';
import {
  type DownloadProgress,
  type FeatureExtractor,
  importTransformers,
  type LoadModelOptions,
  loadPipeline,
  type TransformersModule,
} from './load.ts';
import { cutRow, unitRow } from './pooling.ts';
import { presetOf, type TokenPooling } from './presets.ts';

/**
 * Model, pooling and precision of `transformersEmbedder`.
 *
 * @example
 * const options: TransformersOptions = { model: 'Xenova/all-MiniLM-L6-v2', pooling: 'mean', dtype: 'q8' };
 * const embedder = transformersEmbedder(options);
 */
export interface TransformersOptions {
  /** Default `Xenova/all-mpnet-base-v2`, the paper's encoder. Beside `pipeline` it names the result and its preset. */
  readonly model?: string;
  /** A branch, tag or commit of the model. Default: its main branch. */
  readonly revision?: string;
  /** How token vectors become one vector. Default: as the model was trained (`presetOf`), `mean` where that is not known. */
  readonly pooling?: TokenPooling;
  /** Whether rows get L2 norm 1. Default: as the model was trained, true where that is not known. */
  readonly normalize?: boolean;
  /** Put before every text. Default: as the model was trained for this `input`, nothing where that is not known. */
  readonly prefix?: string;
  /** Whether the texts are items, `document`, or what is searched with, `query`. Default `document`. */
  readonly input?: 'document' | 'query';
  /** Cuts vectors to so many columns; only of models that are known to be trained for it. Default: all. */
  readonly dimensions?: number;
  /** Whether to load the model's int8 file. Default false: float32, as the paper's vectors. */
  readonly quantized?: boolean;
  /** Precision of the weights by the names of `@huggingface/transformers`: `fp32`, `fp16`, `q8` … */
  readonly dtype?: string;
  /** Where `@huggingface/transformers` computes: `cpu`, `wasm`, `webgpu` … */
  readonly device?: string;
  /**
   * A folder that holds `model`, instead of a download: `<modelFolder>/<model>/config.json`, tokenizer files and
   * `onnx/model.onnx`. Nothing is fetched then.
   */
  readonly modelFolder?: string;
  /** The imported package, where its name cannot be resolved at run time: `import * as module from '@huggingface/transformers'`. */
  readonly module?: TransformersModule;
  /** A ready pipeline, instead of loading `model`. */
  readonly pipeline?: FeatureExtractor;
  readonly onDownload?: (progress: DownloadProgress) => void;
}

const NAMES: Readonly<Record<keyof TransformersOptions, true>> = {
  ...{ model: true, revision: true, pooling: true, normalize: true, prefix: true, dimensions: true },
  ...{ quantized: true, dtype: true, device: true, modelFolder: true, module: true, pipeline: true },
  onDownload: true,
  input: true,
};

/**
 * Model, pooling, precision and batches of `embedTexts`.
 *
 * @example
 * const options: EmbedTextsOptions = { model: 'Xenova/all-MiniLM-L6-v2', ids: itemIds, batchSize: 16 };
 */
export interface EmbedTextsOptions extends TransformersOptions, BatchOptions {}

/**
 * The embeddings of `texts` from a sentence encoder, computed with transformers.js. The model is loaded when
 * the first batch is not in the cache. Padding does not count: a text's vector is the same alone and among
 * longer ones, but for rounding.
 *
 * @throws {UnsupportedError} no transformers package is installed; the model cannot be loaded; it gives another type
 *   than float32
 * @throws {OptionError} a cache with a pipeline but no model name; `dimensions` of a model that cannot be cut; a batch
 *   size that is no positive integer
 * @throws {ShapeError} a pipeline that gives another shape than [texts × width]; ids that do not fit
 * @throws {DataError} no text, a blank text, repeated ids, NaN or Inf from the model
 * @example
 * const embeddings = await embedTexts(['Oak chair', 'Green tea'], {
 *   model: 'Xenova/all-MiniLM-L6-v2',
 *   ids: ['p1', 'p2'],
 * });
 */
export async function embedTexts(
  texts: readonly string[],
  options: EmbedTextsOptions = {},
): Promise<Embeddings> {
  optionsObject(options, { where: 'embedTexts' });
  const { ids, batchSize, cache, onProgress, signal, ...rest } = options;
  if (options.pipeline && cache && !options.model) {
    throw new OptionError(
      'embedTexts',
      'expected the model name of the pipeline, since it is part of the cache key, received none',
      'Pass model, with anything that tells this pipeline from others',
      'model',
    );
  }
  return embedInBatches(texts, transformersEmbedder(rest), { ids, batchSize, cache, onProgress, signal });
}

/** Sentence encoders by transformers.js. */
export const transformers: EmbedderDescriptor = {
  name: 'transformers',
  written: 'transformers',
  settings: ['encoder', 'modelFolder', 'dimensions', 'prefix', 'encoderPooling', 'dtype'],
  reads: 'text',
  cacheable: true,
  weight: 0.5,
  matches: (what) => what === 'transformers',
  check(_, { encoder, dimensions }) {
    checkCut(encoder ?? DEFAULT_MODEL, dimensions);
  },
  create: async (_, { encoder: model, modelFolder, dimensions, prefix, encoderPooling: pooling, dtype }) =>
    transformersEmbedder({ model, modelFolder, dimensions, prefix, pooling, dtype }),
};

const DEFAULT_MODEL = 'Xenova/all-mpnet-base-v2';

/**
 * A sentence encoder, loaded when it is first asked, see `embedTexts`. `counts.truncated` are texts longer than it reads.
 *
 * @example
 * const embedder = transformersEmbedder({ model: 'Xenova/all-MiniLM-L6-v2' });
 * const data = await trainingData({ interactions, catalogue, embedder });
 */
export function transformersEmbedder(options: TransformersOptions = {}): Embedder {
  checkOptionNames<TransformersOptions>(NAMES, options, 'transformersEmbedder');
  const { pipeline, quantized = false, dimensions, revision } = options;
  const model = options.model ?? (pipeline ? 'custom pipeline' : DEFAULT_MODEL);
  checkCut(model, dimensions);
  checkInput(options.input);
  const preset = presetOf(model);
  const { pooling = preset?.pooling ?? 'mean', normalize = preset?.normalize ?? true } = options;
  const trained = options.input === 'query' ? preset?.queryPrefix : preset?.prefix;
  const { prefix = trained ?? '' } = options;
  const precision = pipeline ? 'pipeline' : (options.dtype ?? (quantized ? 'int8' : 'float32'));
  const parts = [`transformers: ${model}${revision === undefined ? '' : `@${revision}`}`, precision];
  parts.push(`${pooling.replace('_', ' ')} pooling`);
  if (normalize) parts.push('normalized');
  if (dimensions !== undefined) parts.push(`${dimensions} dimensions`);
  if (prefix !== '') parts.push(`prefix ${shown(prefix)}`);
  const counts = { truncated: 0 };
  let loading = pipeline && Promise.resolve(pipeline);
  return {
    ...{ id: parts.join(', '), byLength: true, counts },
    async embed(texts, { signal } = {}) {
      loading ??= load(model, pooling, { ...options, quantized });
      const loaded = await loading.catch((error) => {
        // Another call may find the connection or the file.
        loading = undefined;
        throw error;
      });
      signal?.throwIfAborted();
      const input = texts.map((text) => prefix + text);
      const isWhole = dimensions === undefined;
      const how = { pooling, normalize: normalize && isWhole, model };
      const { rows, truncated } = await encodeTexts(loaded, input, how);
      counts.truncated += truncated;
      if (isWhole) return rows;
      const cut = rows.map((row) => cutRow(row, dimensions, preset?.layerNorm ?? false));
      return normalize ? cut.map(unitRow) : cut;
    },
  };
}

/** Version 2 runs no decoders, which are the models that are read at their last token. */
async function load(
  model: string,
  pooling: TokenPooling,
  options: LoadModelOptions,
): Promise<FeatureExtractor> {
  const module = options.module ?? (await importTransformers<TransformersModule>(pooling === 'last_token'));
  return loadPipeline('feature-extraction', model, { ...options, module });
}

function checkInput(input: unknown): void {
  if (input === undefined || input === 'document' || input === 'query') return;
  const problem = `expected input to be document or query, received ${shown(input)}`;
  throw new OptionError('transformersEmbedder', problem, 'Pass one of them', 'input');
}

/** @throws {OptionError} unless the model is known to be trained for cut vectors */
function checkCut(model: string, dimensions: number | undefined): void {
  if (dimensions === undefined) return;
  if (!(Number.isSafeInteger(dimensions) && dimensions >= 1)) {
    const problem = `expected dimensions to be an integer of at least 1, received ${shown(dimensions)}`;
    throw new OptionError('embedTexts', problem, 'Change dimensions, or leave it out', 'dimensions');
  }
  if (presetOf(model)?.matryoshka) return;
  const problem = `expected a model that is known to be trained for vectors that can be cut, received ${model}`;
  throw new OptionError('embedTexts', problem, 'Leave dimensions out', 'dimensions');
}
