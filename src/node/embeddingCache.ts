import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddingCache } from '../embed/cache.ts';
import { Embeddings } from '../embed/embeddings.ts';
import { embeddingsFromSafetensors, embeddingsToSafetensors } from '../embed/files.ts';
import { DataError } from '../errors.ts';
import { pathOf, readBytes, writeAtomic } from './files.ts';

/**
 * A cache in a folder, by its path or `file:` URL, which is created when needed: one embeddings file per batch, written atomically and
 * named after its keys. Only the keys are held in memory. Several processes may use one folder; each sees what
 * was there when it first asked.
 *
 * @throws {OptionError} for a URL of another kind
 * @throws {FormatError} from `get`, when a file of the folder is damaged
 * @throws {DataError} from both, when the folder cannot be read or written
 */
export function directoryCache(location: string | URL): EmbeddingCache {
  const folder = pathOf('directoryCache', location);
  let index: Promise<Map<string, Place>> | undefined;
  let latest: { file: string; shard: Embeddings } | undefined;

  async function vectorAt({ file, row }: Place): Promise<Float32Array> {
    // Batches are asked for in the order they were stored, so the latest shard serves most keys.
    if (latest?.file !== file) latest = { file, shard: await readShard(folder, file) };
    const { width, vectors } = latest.shard;
    return vectors.slice(row * width, (row + 1) * width);
  }

  return {
    async get(keys) {
      index ??= readIndex(folder);
      const places = await index;
      const found: (Float32Array | undefined)[] = [];
      for (const key of keys) {
        const place = places.get(key);
        found.push(place && (await vectorAt(place)));
      }
      return found;
    },

    async set(keys, vectors) {
      index ??= readIndex(folder);
      const places = await index;
      // One text may stand in a batch twice.
      const rows = new Map(keys.map((key, i) => [key, vectors[i]]));
      const shard = shardOf(rows);
      const file = `${createHash('sha256').update(shard.ids.join()).digest('hex').slice(0, 32)}${EXTENSION}`;
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

async function readIndex(folder: string): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const file of await listShards(folder)) {
    const { ids } = await readShard(folder, file);
    ids.forEach((key, row) => {
      places.set(key, { file, row });
    });
  }
  return places;
}

async function readShard(folder: string, file: string): Promise<Embeddings> {
  const path = join(folder, file);
  return embeddingsFromSafetensors(await readBytes(path), path);
}

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
