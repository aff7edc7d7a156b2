import { createHash } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Embeddings,
  embeddingsFromSafetensors,
  embeddingsToSafetensors,
  isLlminitError,
} from '../index.ts';
import { fileError } from '../node/files.ts';
import { readBytes, writeAtomic } from '../node.ts';
import { VERSION } from './version.ts';

/** Where the vectors of whole catalogues are kept, beside those of single texts. */
const FOLDER = 'catalogues';

/** What vectors of a whole catalogue depend on. */
export interface CatalogueContent {
  readonly embedder: string;
  readonly settings: object;
  readonly ids: readonly string[];
  readonly texts: readonly string[];
}

/**
 * The vectors that depend on all texts of a catalogue, from a file of the cache folder named after the SHA-256 of all that
 * decides them, this version of llminit included; or computed, and kept there. A damaged file is set aside.
 *
 * @throws {DataError} when the folder cannot be read or written
 */
export async function cachedCatalogue(
  folder: string,
  content: CatalogueContent,
  onNotice: (line: string) => void,
  compute: () => Promise<Embeddings>,
): Promise<Embeddings> {
  const path = join(folder, FOLDER, `${keyOf(content)}.safetensors`);
  const known = await read(path, onNotice);
  if (known) {
    onNotice(`${known.ids.length} vectors (${content.embedder}) from the cache ${folder}`);
    return known;
  }
  const found = await compute();
  await mkdir(join(folder, FOLDER), { recursive: true }).catch((error: unknown) => {
    throw fileError(error, folder, 'a folder for the cache');
  });
  await writeAtomic(path, embeddingsToSafetensors(found));
  return found;
}

/** Parts go in with their lengths, so that no two contents are the same bytes. */
function keyOf({ embedder, settings, ids, texts }: CatalogueContent): string {
  const hash = createHash('sha256');
  const own = JSON.stringify([VERSION, embedder, settings]);
  for (const part of [own, `${ids.length}`, ...ids, ...texts]) {
    const bytes = Buffer.from(part);
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex');
}

async function read(path: string, onNotice: (line: string) => void): Promise<Embeddings | null> {
  const missing = await stat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
  if (missing) return null;
  const bytes = await readBytes(path);
  try {
    return embeddingsFromSafetensors(bytes, path);
  } catch (error) {
    if (!isLlminitError(error)) throw error;
    await rename(path, `${path}.damaged`).catch(() => {});
    onNotice(`${error.message} Set aside as ${path}.damaged; its vectors are computed again`);
    return null;
  }
}
