import { DataError, isLlminitError } from '../../errors.ts';
import { resolveOptions } from '../../options/resolve.ts';
import type { EmbedderDescriptor } from '../descriptor.ts';
import type { EmbedCall, EmbeddedRow, Embedder } from '../embedder.ts';
import { importTransformers, type LoadModelOptions, loadPipeline } from '../transformers/load.ts';
import { pooledRows, tokenRows, unitRow } from '../transformers/pooling.ts';
import { isPath, readImage } from './imageBytes.ts';
import {
  type BadImagePolicy,
  IMAGE_OPTIONS,
  type ImageEmbedderOptions,
  type ImageExtractor,
  type VisionModule,
} from './options.ts';

/** Images of items by transformers.js. */
export const images: EmbedderDescriptor = {
  name: 'images',
  written: 'images',
  settings: ['imageColumn', 'imageEncoder', 'imageFolder', 'onBadImage', 'modelFolder', 'dtype'],
  reads: 'image',
  cacheable: true,
  weight: 0.5,
  matches: (what) => what === 'images',
  check() {},
  create: async (
    _,
    { imageEncoder: model, imageFolder: folder, onBadImage, modelFolder, dtype },
    { openFile },
  ) => imageEmbedder({ model, folder, onBadImage, modelFolder, dtype, openFile }),
};

const DEFAULT_MODEL = 'Xenova/clip-vit-base-patch32';
/** Decoded images are large. */
const BATCH_SIZE = 8;
/** Models whose vector of an image is a pooler's, not a projection or the first token's. */
const POOLED = /siglip/i;

/**
 * A vision encoder: the texts that it embeds are references to images, `https:` and `data:` addresses, or paths where
 * `openFile` reads files. Loaded when it is first asked. A cache knows a file by its bytes, so that one that changed is
 * embedded again, and a download by its address. `counts.skipped` are images that could not be used.
 *
 * Source: Radford et al. 2021 (CLIP), the projection of the image tower; of models without one, the first token.
 *
 * @throws {OptionError} an option of another type
 * @throws {DataError} from `embed`, naming the item: an image that is missing, no image, cut off, or too large
 * @throws {UnsupportedError} from `embed`: a path without `openFile`; no transformers package; a model that cannot be loaded
 * @example
 * const embedder = imageEmbedder({ model: 'Xenova/clip-vit-base-patch32', onBadImage: 'skip' });
 * const vectors = await embedder.embed(['https://shop.example/chair.jpg']);
 */
export function imageEmbedder(options: ImageEmbedderOptions = {}): Embedder {
  const resolved = resolveOptions(IMAGE_OPTIONS, options, 'imageEmbedder');
  const { pipeline, quantized, normalize, onBadImage, revision, dtype } = resolved;
  const model = resolved.model ?? (pipeline ? 'custom pipeline' : DEFAULT_MODEL);
  const precision = pipeline ? 'pipeline' : (dtype ?? (quantized ? 'int8' : 'float32'));
  const parts = [`images: ${model}${revision === undefined ? '' : `@${revision}`}`, precision];
  if (normalize) parts.push('normalized');
  const counts = { skipped: 0 };
  let loading: Promise<Loaded> | undefined;
  return {
    ...{ id: parts.join(', '), batchSize: BATCH_SIZE, counts },
    async embed(references, { ids, signal } = {}) {
      signal?.throwIfAborted();
      loading ??= load(model, resolved);
      const { extract, module } = await loading.catch((error) => {
        // Another call may find the connection or the file.
        loading = undefined;
        throw error;
      });
      const open = async (reference: string, where: string) => {
        const bytes = await readImage(reference, where, resolved, signal);
        const { checkImage } = await import('./checkImage.ts');
        checkImage(bytes, where, resolved.maxPixels);
        const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
        // Alone, since a pipeline that decodes does not say which image it could not.
        if (!module) return decoded(vectorsOf([blob], extract, model), where);
        return decoded(module.RawImage.fromBlob(blob), where);
      };
      const pictures = await each(references, ids, onBadImage, open);
      const present = pictures.filter((picture) => picture !== null);
      counts.skipped += pictures.length - present.length;
      const rows = module
        ? await vectorsOf(present, extract, model)
        : present.flatMap((picture) => picture as Float32Array[]);
      return placed(pictures, normalize ? rows.map(unitRow) : rows);
    },
    contents: (references, { ids, signal } = {}) =>
      each(references, ids, onBadImage, async (reference, where) =>
        isPath(reference) ? digestOf(await readImage(reference, where, resolved, signal)) : reference,
      ),
  };
}

/** What computes, and what decodes if anything does. */
interface Loaded {
  readonly extract: ImageExtractor;
  readonly module: VisionModule | undefined;
}

async function load(
  model: string,
  options: Pick<ImageEmbedderOptions, 'pipeline' | 'module'> & LoadModelOptions<VisionModule>,
): Promise<Loaded> {
  const { pipeline } = options;
  if (pipeline) return { extract: pipeline, module: options.module };
  const module = options.module ?? (await importTransformers<VisionModule>(false));
  const task = 'image-feature-extraction';
  return { extract: await loadPipeline<ImageExtractor>(task, model, { ...options, module }), module };
}

/** What `step` makes of every image; null where it fails by the image's fault and those are skipped. */
async function each<T>(
  references: readonly string[],
  ids: EmbedCall['ids'],
  onBadImage: BadImagePolicy,
  step: (reference: string, where: string) => Promise<T>,
): Promise<(T | null)[]> {
  const made: (T | null)[] = [];
  for (const [n, reference] of references.entries()) {
    try {
      made.push(await step(reference, `image of ${ids?.[n] ?? n}`));
    } catch (error) {
      if (onBadImage === 'error' || !isLlminitError(error, 'ERR_LLMINIT_DATA')) throw error;
      made.push(null);
    }
  }
  return made;
}

/** @throws {DataError} with the item for what a decoder throws */
async function decoded<T>(work: Promise<T>, where: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isLlminitError(error)) throw error;
    const problem = `expected an image that can be decoded, received: ${error instanceof Error ? error.message : error}`;
    throw new DataError(where, problem, 'Correct the file, or leave the image out');
  }
}

async function vectorsOf(
  pictures: readonly unknown[],
  extract: ImageExtractor,
  model: string,
): Promise<Float32Array[]> {
  if (pictures.length === 0) return [];
  const tensor = await extract([...pictures], POOLED.test(model) ? { pool: true } : {});
  const rows =
    tensor.dims.length === 3
      ? tokenRows(tensor, new Array(pictures.length).fill(0), model)
      : pooledRows(tensor, pictures.length, model);
  tensor.dispose?.();
  return rows;
}

/** The rows in the places of the pictures that they are of. */
function placed(pictures: readonly unknown[], rows: readonly Float32Array[]): EmbeddedRow[] {
  let next = 0;
  return pictures.map((picture) => (picture === null ? null : rows[next++]));
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return `SHA-256 ${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
