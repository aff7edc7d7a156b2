import { DataError, OptionError, UnsupportedError } from '../errors.ts';
import type { EmbedderContext, EmbedderDescriptor } from './descriptor.ts';
import type { Embedder } from './embedder.ts';
import { checkIsEmbeddings, type Embeddings } from './embeddings.ts';
import { embeddingsFromNpy, embeddingsFromSafetensors } from './files.ts';
import type { EmbedderSettings } from './settings.ts';

/** Vectors in a file, looked up by id. */
export const vectorsFile: EmbedderDescriptor = {
  name: 'file',
  written: 'a file F.npy, F.safetensors, F.jsonl, F.csv or F.parquet',
  settings: ['embeddingIds'],
  reads: 'id',
  cacheable: false,
  weight: 0.5,
  matches: (what) => /\.(npy|safetensors|((jsonl|ndjson|csv|tsv)(\.gz)?)|parquet)$/i.test(what),
  check(what, { embeddingIds }) {
    if (embeddingIds !== undefined && !isNpy(what) && !isSafetensors(what)) {
      const problem = 'expected no file of ids beside a table, which holds them, received one';
      throw new OptionError(what, problem, 'Leave embeddingIds out', 'embeddingIds');
    }
    if (embeddingIds !== undefined || !isNpy(what)) return;
    const problem = 'expected a file of ids beside a .npy file, which holds none, received none';
    throw new OptionError(what, problem, 'Name it in embeddingIds', 'embeddingIds');
  },
  create: async (what, settings, context) => embedderOf(await readVectors(what, settings, context)),
};

/**
 * An embedder that has its vectors already and looks them up by the ids of a call; unknown ids get none.
 * @throws {DataError} from `embed`, when not one id is known, which means that the ids do not belong together
 * @example
 * const embedder = embedderOf(embeddings);
 * const [first] = await embedder.embed(['any text'], { ids: ['i1'] });
 * first?.length === embeddings.width; // → true
 */
export function embedderOf(embeddings: Embeddings): Embedder {
  checkIsEmbeddings(embeddings, 'embedderOf');
  const { ids, width, vectors, source } = embeddings;
  const rows = new Map(ids.map((id, row) => [id, row]));
  return {
    id: source,
    width,
    dependsOn: 'id',
    async embed(texts, { ids: asked = texts.map((_, n) => String(n)), signal } = {}) {
      signal?.throwIfAborted();
      if (!asked.some((id) => rows.has(id))) {
        const problem = `expected vectors for the ${asked.length} items (${asked[0]} …), received vectors for ${ids.length} other ids (${ids[0]} …)`;
        throw new DataError(
          source,
          problem,
          'Pass embeddings whose ids are the item ids of the interactions',
        );
      }
      return asked.map((id) => {
        const row = rows.get(id);
        return row === undefined ? null : vectors.subarray(row * width, (row + 1) * width);
      });
    },
  };
}

async function readVectors(
  path: string,
  { embeddingIds }: EmbedderSettings,
  { readFile }: EmbedderContext,
): Promise<Embeddings> {
  if (!readFile) {
    const problem = 'expected a way to read files, received none';
    throw new UnsupportedError(path, problem, 'Read the bytes and pass embedderOf(embeddings)');
  }
  const ids = embeddingIds === undefined ? null : new TextDecoder().decode(await readFile(embeddingIds));
  const bytes = await readFile(path);
  if (isNpy(path)) return embeddingsFromNpy(bytes, ids!, { vectors: path, ids: embeddingIds! });
  if (!isSafetensors(path)) {
    // Apart, since readers of tables are larger than all the rest.
    const { embeddingsFromTable } = await import('./tableVectors.ts');
    return embeddingsFromTable(bytes, path);
  }
  return embeddingsFromSafetensors(
    bytes,
    path,
    ids === null ? {} : { ids: { text: ids, name: embeddingIds! } },
  );
}

function isNpy(path: string): boolean {
  return /\.npy$/i.test(path);
}

function isSafetensors(path: string): boolean {
  return /\.safetensors$/i.test(path);
}
