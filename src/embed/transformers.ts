import { OptionError, ShapeError, shown, UnsupportedError } from '../errors.ts';
import { type BatchOptions, embedInBatches } from './batches.ts';
import type { EmbedderDescriptor } from './descriptor.ts';
import type { Embedder } from './embedder.ts';
import type { Embeddings } from './embeddings.ts';

/** What a feature-extraction pipeline gives back: a float tensor [texts × width]. */
export interface FeatureTensor {
  readonly type?: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/** A feature-extraction pipeline of `@xenova/transformers` or `@huggingface/transformers`. */
export type FeatureExtractor = (
  texts: string[],
  options: { pooling: 'mean' | 'cls'; normalize: boolean },
) => Promise<FeatureTensor>;

/** A part of a model file that has arrived; only while the model is loaded. */
export interface DownloadProgress {
  readonly file: string;
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** Encoder and batches of `embedTexts`. */
export interface EmbedTextsOptions extends BatchOptions {
  /** Default `Xenova/all-mpnet-base-v2`, the paper's encoder. Beside `pipeline` it only names the result. */
  readonly model?: string;
  /** How token vectors become one vector. Default `mean`, as all-mpnet-base-v2 was trained. */
  readonly pooling?: 'mean' | 'cls';
  /** Whether rows get L2 norm 1. Default true, as all-mpnet-base-v2 was trained. */
  readonly normalize?: boolean;
  /** Whether to load the model's int8 file. Default false: float32, as the paper's vectors. */
  readonly quantized?: boolean;
  /**
   * A folder that holds `model`, instead of a download: `<modelFolder>/<model>/config.json`, tokenizer files and
   * `onnx/model.onnx`. Nothing is fetched then.
   */
  readonly modelFolder?: string;
  /** A ready pipeline, instead of loading `model`. Needed in bundled browser code. */
  readonly pipeline?: FeatureExtractor;
  readonly onDownload?: (progress: DownloadProgress) => void;
}

/**
 * The embeddings of `texts` from a sentence encoder, computed with transformers.js. The model is loaded when
 * the first batch is not in the cache. Padding does not count: a text's vector is the same alone and among
 * longer ones, but for rounding.
 *
 * @throws {UnsupportedError} `@xenova/transformers` is not installed; the model cannot be loaded; it gives
 *   another type than float32
 * @throws {OptionError} a cache with a pipeline but no model name; a batch size that is no positive integer
 * @throws {ShapeError} a pipeline that gives another shape than [texts × width]; ids that do not fit
 * @throws {DataError} no text, a blank text, repeated ids, NaN or Inf from the model
 */
export async function embedTexts(
  texts: readonly string[],
  options: EmbedTextsOptions = {},
): Promise<Embeddings> {
  const { pipeline, cache, model } = options;
  if (pipeline && cache && !model) {
    throw new OptionError(
      'embedTexts',
      'expected the model name of the pipeline, since it is part of the cache key, received none',
      'Pass model, with anything that tells this pipeline from others',
      'model',
    );
  }
  return embedInBatches(texts, transformersEmbedder(options), options);
}

/** Sentence encoders by transformers.js. */
export const transformers: EmbedderDescriptor = {
  name: 'transformers',
  written: 'transformers',
  settings: ['encoder', 'modelFolder'],
  readsTexts: true,
  cacheable: true,
  weight: 0.5,
  matches: (what) => what === 'transformers',
  check() {},
  create: async (_, { encoder, modelFolder }) => transformersEmbedder({ model: encoder, modelFolder }),
};

/** A sentence encoder, loaded when it is first asked, see `embedTexts`. */
export function transformersEmbedder(options: Omit<EmbedTextsOptions, keyof BatchOptions> = {}): Embedder {
  const { pipeline, pooling = 'mean', normalize = true, quantized = false } = options;
  const model = options.model ?? (pipeline ? 'custom pipeline' : 'Xenova/all-mpnet-base-v2');
  const precision = pipeline ? 'pipeline' : quantized ? 'int8' : 'float32';
  let loaded = pipeline;
  return {
    id: `transformers: ${model}, ${precision}, ${pooling} pooling${normalize ? ', normalized' : ''}`,
    async embed(batch, { signal } = {}) {
      loaded ??= await loadPipeline(model, quantized, options);
      signal?.throwIfAborted();
      return splitRows(await loaded([...batch], { pooling, normalize }), batch.length, model);
    },
  };
}

async function loadPipeline(
  model: string,
  quantized: boolean,
  { onDownload, modelFolder }: Pick<EmbedTextsOptions, 'onDownload' | 'modelFolder'>,
): Promise<FeatureExtractor> {
  const { pipeline, env } = await importTransformers();
  if (modelFolder !== undefined) {
    env.localModelPath = modelFolder;
    env.allowRemoteModels = false;
  }
  const progress_callback = ({ status, file, loaded, total }: LoadEvent) => {
    if (status === 'progress') onDownload?.({ file, loadedBytes: loaded, totalBytes: total });
  };
  try {
    return await pipeline('feature-extraction', model, { quantized, progress_callback });
  } catch (error) {
    throw unsupported(
      `expected to load the model ${model}`,
      error,
      'Check its name, the connection, and that it has ONNX files',
    );
  }
}

interface LoadEvent {
  status: string;
  file: string;
  loaded: number;
  total: number;
}

interface TransformersModule {
  env: { localModelPath: string; allowRemoteModels: boolean };
  pipeline(
    task: 'feature-extraction',
    model: string,
    options: { quantized: boolean; progress_callback: (event: LoadEvent) => void },
  ): Promise<FeatureExtractor>;
}

async function importTransformers(): Promise<TransformersModule> {
  // Not a literal, so that bundlers neither demand nor inline an optional package of this size.
  const packageName = '@xenova/transformers';
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ packageName);
  } catch (error) {
    throw unsupported(
      `expected the package ${packageName}`,
      error,
      'Run `npm install @xenova/transformers`, pass a pipeline of your own, or use the embedder `lexical`',
    );
  }
}

function unsupported(expected: string, error: unknown, remedy: string): UnsupportedError {
  const message = error instanceof Error ? error.message : String(error);
  const failure = new UnsupportedError('embedTexts', `${expected}, received: ${message}`, remedy);
  failure.cause = error;
  return failure;
}

function splitRows({ type, dims, data }: FeatureTensor, count: number, model: string): Float32Array[] {
  if (type !== undefined && type !== 'float32') {
    throw new UnsupportedError(
      'embedTexts',
      `expected float32 vectors from ${model}, received ${type}`,
      'Load the model with dtype fp32',
    );
  }
  const [rows, width] = dims;
  if (dims.length !== 2 || rows !== count || width < 1 || data.length !== rows * width) {
    throw new ShapeError(
      'embedTexts',
      `expected [${count} × width] from ${model}, received [${dims.join(' × ')}] with ${shown(data.length)} values`,
      'Pass a feature-extraction pipeline',
    );
  }
  const values = Float32Array.from(data, Number);
  return Array.from({ length: rows }, (_, row) => values.slice(row * width, (row + 1) * width));
}
