import { UnsupportedError } from '../../errors.ts';
import type { FeatureTensor } from './pooling.ts';

/**
 * Which places of a batch hold tokens: [texts × tokens], 0 where a text is padded.
 *
 * @example
 * const mask: TokenMask = { dims: [1, 3], data: [1, 1, 0] };
 */
export interface TokenMask {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/**
 * Cuts texts into tokens, as far as it is used here.
 *
 * @example
 * const tokenizer: Tokenizer = (texts) => ({
 *   attention_mask: { dims: [texts.length, 1], data: new Int32Array(texts.length).fill(1) },
 * });
 */
export interface Tokenizer {
  (
    texts: string[],
    options: { padding: boolean; truncation: boolean },
  ): { readonly attention_mask: TokenMask };
  readonly model_max_length?: number;
}

/**
 * A feature-extraction pipeline of `@xenova/transformers` or `@huggingface/transformers`.
 *
 * @example
 * const pipeline: FeatureExtractor = async (texts) => ({
 *   dims: [texts.length, 2],
 *   data: Float32Array.from({ length: 2 * texts.length }, (_, n) => n),
 * });
 * const embedder = transformersEmbedder({ pipeline, model: 'mine' });
 */
export interface FeatureExtractor {
  (
    texts: string[],
    options: { pooling: 'mean' | 'cls' | 'none'; normalize: boolean },
  ): Promise<FeatureTensor>;
  /** Without tokenizer and model, cut texts are not counted, and pooling by the last token asks for one text at a time. */
  readonly tokenizer?: Tokenizer;
  readonly model?: (inputs: object) => Promise<Readonly<Record<string, FeatureTensor | undefined>>>;
}

/**
 * A part of a model file that has arrived; only while the model is loaded.
 *
 * @example
 * const onDownload = ({ file, loadedBytes, totalBytes }: DownloadProgress) =>
 *   console.log(file, loadedBytes / totalBytes);
 * const embedder = transformersEmbedder({ model: 'Xenova/all-MiniLM-L6-v2', onDownload });
 */
export interface DownloadProgress {
  readonly file: string;
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/**
 * `@xenova/transformers` 2 or `@huggingface/transformers` 3 or 4, as far as it is used here.
 *
 * @example
 * async function embedderOfPage(module: TransformersModule) {
 *   return transformersEmbedder({ model: 'Xenova/all-MiniLM-L6-v2', module });
 * }
 */
export interface TransformersModule {
  readonly env: {
    localModelPath: string;
    allowLocalModels?: boolean;
    allowRemoteModels: boolean;
    readonly version?: string;
  };
  pipeline(task: 'feature-extraction', model: string, options: object): Promise<FeatureExtractor>;
}

/** What both kinds of modules have. */
interface AnyModule {
  readonly env: TransformersModule['env'];
  pipeline(task: string, model: string, options: object): Promise<unknown>;
}

/** Which model, and how it is loaded. */
export interface LoadModelOptions<Module = TransformersModule> {
  readonly quantized: boolean;
  readonly dtype?: string;
  readonly device?: string;
  readonly revision?: string;
  readonly modelFolder?: string;
  readonly module?: Module;
  readonly onDownload?: (progress: DownloadProgress) => void;
}

/** Packages that can run encoders, the one that is asked for first. Both keep to one interface. */
const PACKAGES = ['@xenova/transformers', '@huggingface/transformers'];

/**
 * The pipeline of a model for a task.
 * @throws {UnsupportedError} when the model cannot be loaded
 */
export async function loadPipeline<Pipeline>(
  task: string,
  model: string,
  options: LoadModelOptions<AnyModule> & { readonly module: AnyModule },
): Promise<Pipeline> {
  const { modelFolder, onDownload, quantized, device, revision, module } = options;
  if (modelFolder !== undefined) {
    module.env.localModelPath = modelFolder;
    module.env.allowRemoteModels = false;
    // In pages the packages do not look for models beside the page unless they are told to.
    module.env.allowLocalModels = true;
  }
  const isOld = Number.parseInt(module.env.version ?? '2', 10) < 3;
  const { dtype = quantized ? 'q8' : 'fp32' } = options;
  const progress_callback = ({ status, file, loaded, total }: LoadEvent) => {
    if (status === 'progress') onDownload?.({ file, loadedBytes: loaded, totalBytes: total });
  };
  try {
    const pipeline = await module.pipeline(task, model, {
      progress_callback,
      ...(revision !== undefined && { revision }),
      ...(isOld ? { quantized } : { dtype, ...(device !== undefined && { device }) }),
    });
    return pipeline as Pipeline;
  } catch (error) {
    const remedy = isOld ? `${REMEDY}; a decoder runs in @huggingface/transformers alone` : REMEDY;
    throw unsupported(`expected to load the model ${model}`, error, remedy);
  }
}

const REMEDY = 'Check its name, the connection, and that it has ONNX files';

interface LoadEvent {
  status: string;
  file: string;
  loaded: number;
  total: number;
}

/**
 * The package that runs encoders.
 * @param newestFirst whether version 3 or 4 is asked for first, for models that version 2 cannot run
 * @throws {UnsupportedError} when none is installed
 */
export async function importTransformers<Module = TransformersModule>(newestFirst: boolean): Promise<Module> {
  let first: unknown;
  for (const packageName of newestFirst ? [...PACKAGES].reverse() : PACKAGES) {
    try {
      // Not a literal, so that bundlers neither demand nor inline an optional package of this size.
      return await import(/* @vite-ignore */ /* webpackIgnore: true */ packageName);
    } catch (error) {
      first ??= error;
    }
  }
  throw unsupported(
    `expected the package ${PACKAGES.join(' or ')}`,
    first,
    'Run `npm install @xenova/transformers`, pass a module or pipeline of your own, or use an endpoint or lexical vectors, which run everywhere',
  );
}

function unsupported(expected: string, error: unknown, remedy: string): UnsupportedError {
  const message = error instanceof Error ? error.message : String(error);
  const failure = new UnsupportedError('embedTexts', `${expected}, received: ${message}`, remedy);
  failure.cause = error;
  return failure;
}
