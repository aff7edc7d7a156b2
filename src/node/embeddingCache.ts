import { createHash } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddingCache } from '../embed/cache.ts';
import { Embeddings } from '../embed/embeddings.ts';
import { embeddingsFromSafetensors, embeddingsToSafetensors } from '../embed/files.ts';
import { DataError, isLlminitError } from '../errors.ts';
import { callback } from '../options/builders.ts';
import { resolveOptions } from '../options/resolve.ts';
import { pathOf, readBytes, writeAtomic } from './files.ts';

/**
 * Options of `directoryCache`.
 *
 * @example
 * const options: DirectoryCacheOptions = { onNotice: (line) => console.warn(line) };
 * const cache = directoryCache('.vectors', options);
 */
export interface DirectoryCacheOptions {
  /** Called with a line for every file that was set aside or passed over. */
  readonly onNotice?: (line: string) => void;
}

const OPTIONS = { onNotice: callback<(line: string) => void>('called with a line for every file set aside') };

/**
 * A cache in a folder, by its path or `file:` URL, which is created when needed: one embeddings file per batch, written
 * atomically and named after its keys, so that a process that is killed leaves whole batches. Files are checked when they
 * are read, never trusted: a damaged one is renamed to `….damaged`, one of another kind is passed over, and their vectors
 * are computed again. Only the keys are held in memory. Several processes may use one folder; each sees what was there
 * when it first asked.
 *
 * @throws {OptionError} for a URL of another kind
 * @throws {DataError} from both, when the folder cannot be read or written
 * @example
 * const embeddings = await embedInBatches(texts, httpEmbedder({ url: 'http://localhost:11434/v1', model: 'bge-m3' }), {
 *   ids: itemIds,
 *   cache: directoryCache('.vectors'),
 * });
 */
export function directoryCache(location: string | URL, options: DirectoryCacheOptions = {}): EmbeddingCache {
  const folder = pathOf('directoryCache', location);
  const { onNotice } = resolveOptions(OPTIONS, options, 'directoryCache');
  let index: Promise<Map<string, Place>> | undefined;
  let latest: { file: string; shard: Embeddings | null } | undefined;

  async function vectorAt({ file, row }: Place): Promise<Float32Array | undefined> {
    // Batches are asked for in the order they were stored, so the latest shard serves most keys.
    if (latest?.file !== file) latest = { file, shard: await readShard(folder, file, onNotice) };
    if (!latest.shard) return undefined;
    const { width, vectors } = latest.shard;
    return vectors.slice(row * width, (row + 1) * width);
  }

  return {
    async get(keys) {
      index ??= readIndex(folder, onNotice);
      const places = await index;
      const found: (Float32Array | undefined)[] = [];
      for (const key of keys) {
        const place = places.get(key);
        found.push(place && (await vectorAt(place)));
      }
      return found;
    },

    async set(keys, vectors) {
      index ??= readIndex(folder, onNotice);
      const places = await index;
      // One text may stand in a batch twice.
      const rows = new Map(keys.map((key, i) => [key, vectors[i]]));
      const shard = shardOf(rows);
      const file = fileOf(shard.ids);
      await mkdir(folder, { recursive: true }).catch((error) => {
        throw folderError(folder, error);
      });
      await writeAtomic(join(folder, file), embeddingsToSafetensors(shard));
      shard.ids.forEach((key, row) => {
        places.set(key, { file, row });
      });
    },
  };
}

interface Place {
  file: string;
  row: number;
}

const EXTENSION = '.safetensors';

function shardOf(rows: ReadonlyMap<string, Float32Array>): Embeddings {
  const ids = [...rows.keys()];
  const width = rows.get(ids[0])?.length ?? 0;
  const vectors = new Float32Array(ids.length * width);
  ids.forEach((id, row) => {
    vectors.set(rows.get(id) as Float32Array, row * width);
  });
  return new Embeddings({ ids, width, vectors, source: 'cache' });
}

/** Named after its keys, so that a file that holds others is seen to be another one. */
function fileOf(keys: readonly string[]): string {
  return `${createHash('sha256').update(keys.join()).digest('hex').slice(0, 32)}${EXTENSION}`;
}

async function readIndex(
  folder: string,
  onNotice: DirectoryCacheOptions['onNotice'],
): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const file of await listShards(folder)) {
    const shard = await readShard(folder, file, onNotice);
    for (const [row, key] of (shard?.ids ?? []).entries()) places.set(key, { file, row });
  }
  return places;
}

/** Null for a file that is not a whole one of ours: a damaged one is set aside, one of others is left where it is. */
async function readShard(
  folder: string,
  file: string,
  onNotice: DirectoryCacheOptions['onNotice'],
): Promise<Embeddings | null> {
  const path = join(folder, file);
  try {
    const shard = embeddingsFromSafetensors(await readBytes(path), path);
    if (fileOf(shard.ids) === file) return shard;
    onNotice?.(`${path}: no part of the cache, passed over`);
  } catch (error) {
    if (!isLlminitError(error)) throw error;
    if (OWN_NAME.test(file)) {
      await rename(path, `${path}.damaged`).catch(() => {});
      onNotice?.(`${error.message} Set aside as ${file}.damaged; its vectors are computed again`);
    } else onNotice?.(`${path}: no part of the cache, passed over`);
  }
  return null;
}

const OWN_NAME = /^[0-9a-f]{32}\.safetensors$/;

/** In a fixed order, so that a key stored twice has the same place in every run. */
async function listShards(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((file) => file.endsWith(EXTENSION)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw folderError(folder, error);
  }
}

function folderError(folder: string, error: unknown): DataError {
  const message = error instanceof Error ? error.message : String(error);
  return new DataError(
    folder,
    `expected a folder for the cache, received: ${message}`,
    'Name another folder',
  );
}
