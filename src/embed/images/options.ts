import { boolean, callback, instance, integer, oneOf, text } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import type { DownloadProgress } from '../transformers/load.ts';
import type { FeatureTensor } from '../transformers/pooling.ts';

/**
 * An image-feature-extraction pipeline of `@xenova/transformers` or `@huggingface/transformers`.
 *
 * @example
 * const pipeline: ImageExtractor = async (images) => ({
 *   dims: [images.length, 2],
 *   data: new Float32Array(2 * images.length),
 * });
 */
export type ImageExtractor = (images: unknown[], options?: { pool?: boolean }) => Promise<FeatureTensor>;

/**
 * `@xenova/transformers` 2 or `@huggingface/transformers` 3 or 4, as far as it is used here.
 *
 * @example
 * function embedderOfPage(module: VisionModule) {
 *   return imageEmbedder({ model: 'Xenova/clip-vit-base-patch32', module });
 * }
 */
export interface VisionModule {
  readonly env: {
    localModelPath: string;
    allowLocalModels?: boolean;
    allowRemoteModels: boolean;
    readonly version?: string;
  };
  /** Decodes images. */
  readonly RawImage: { fromBlob(blob: Blob): Promise<unknown> };
  pipeline(task: 'image-feature-extraction', model: string, options: object): Promise<ImageExtractor>;
}

/** What becomes of an item whose image cannot be used. */
export const BAD_IMAGE_POLICIES = ['error', 'skip'] as const;
/**
 * `error`, or `skip`: the item gets no vector.
 *
 * @example
 * const onBadImage: BadImagePolicy = 'skip';
 */
export type BadImagePolicy = (typeof BAD_IMAGE_POLICIES)[number];

/**
 * Model, precision and limits of `imageEmbedder`.
 *
 * @example
 * const options: ImageEmbedderOptions = { model: 'Xenova/clip-vit-base-patch32', maxBytes: 5e6, retries: 1 };
 * const embedder = imageEmbedder(options);
 */
export interface ImageEmbedderOptions {
  /** A vision encoder. Default `Xenova/clip-vit-base-patch32`. Beside `pipeline` it names the result. */
  readonly model?: string;
  /** A branch, tag or commit of the model. Default: its main branch. */
  readonly revision?: string;
  /** Whether rows get L2 norm 1. Default true. */
  readonly normalize?: boolean;
  /** Whether to load the model's int8 file. Default false: float32. */
  readonly quantized?: boolean;
  /** Precision of the weights by the names of `@huggingface/transformers`: `fp32`, `fp16`, `q8` … */
  readonly dtype?: string;
  /** Where `@huggingface/transformers` computes: `cpu`, `wasm`, `webgpu` … */
  readonly device?: string;
  /** A folder that holds `model`, instead of a download, see `TransformersOptions.modelFolder`. */
  readonly modelFolder?: string;
  /** The imported package, where its name cannot be resolved at run time. */
  readonly module?: VisionModule;
  /** A ready pipeline, instead of loading `model`; it is passed what `module` decodes, or `Blob`s without one. */
  readonly pipeline?: ImageExtractor;
  readonly onDownload?: (progress: DownloadProgress) => void;
  /** The bytes of a file by its path, in pieces: `openSource` of `llminit/node`. Without it, paths are refused. */
  readonly openFile?: (path: string) => AsyncIterable<Uint8Array>;
  /** Put before paths that are not absolute. Default: none. */
  readonly folder?: string;
  /** What becomes of an item whose image is missing, broken or too large: `skip` leaves it without a vector, counted in `counts.skipped`. Default `error`. */
  readonly onBadImage?: BadImagePolicy;
  /** Of one image file. Default 32 MiB. */
  readonly maxBytes?: number;
  /** Of one image; decoded, a pixel takes four bytes. Default 2²⁶. */
  readonly maxPixels?: number;
  /** Of one download. Default 30,000. */
  readonly timeoutMs?: number;
  /** Attempts after the first, of downloads that may succeed later. Default 2. */
  readonly retries?: number;
}

export const IMAGE_OPTIONS = {
  model: text({ about: 'a vision encoder' }),
  revision: text({ about: 'a branch, tag or commit of the model' }),
  normalize: boolean({ about: 'whether rows get norm 1', default: true }),
  quantized: boolean({ about: 'whether to load the int8 file', default: false }),
  dtype: text({ about: 'precision of the weights' }),
  device: text({ about: 'where it is computed' }),
  modelFolder: text({ about: 'holds the model, instead of a download' }),
  module: instance<VisionModule>('a module with pipeline and RawImage', isVisionModule, {
    about: 'the package',
  }),
  pipeline: callback<ImageExtractor>('a ready pipeline'),
  onDownload: callback<(progress: DownloadProgress) => void>('told how a download goes'),
  openFile: callback<(path: string) => AsyncIterable<Uint8Array>>('reads files'),
  folder: text({ about: 'put before paths that are not absolute' }),
  onBadImage: oneOf(BAD_IMAGE_POLICIES, { about: 'what becomes of a bad image', default: 'error' }),
  maxBytes: integer({ about: 'bytes of one image', min: 1, default: 2 ** 25 }),
  maxPixels: integer({ about: 'pixels of one image', min: 1, default: 2 ** 26 }),
  timeoutMs: integer({ about: 'milliseconds of one download', min: 1, default: 30_000 }),
  retries: integer({ about: 'attempts after the first', min: 0, default: 2 }),
} satisfies DescriptorsOf<ImageEmbedderOptions>;

function isVisionModule(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'pipeline' in value && 'RawImage' in value;
}
