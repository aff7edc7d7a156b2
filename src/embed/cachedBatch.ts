import { ShapeError, shown } from '../errors.ts';
import { type EmbeddingCache, embeddingKey } from './cache.ts';
import type { EmbedCall, EmbeddedRow, Embedder } from './embedder.ts';
import type { RowTable } from './rowTable.ts';

/** The rows of one batch, from the cache and the embedder; what the embedder gives is kept once it was checked. */
export async function embedBatch(
  texts: readonly string[],
  positions: readonly number[],
  table: RowTable,
  embedder: Embedder,
  cache: EmbeddingCache | undefined,
  signal: AbortSignal | undefined,
): Promise<{ rows: readonly EmbeddedRow[]; known: readonly boolean[] }> {
  const call = { ids: positions.map((position) => table.ids[position]), signal };
  const keys = cache ? await keysOf(texts, embedder, call) : [];
  const found = cache ? await cachedRows(keys, cache, table) : [];
  const rows: EmbeddedRow[] = texts.map((_, n) => found[n] ?? null);
  const open = texts.flatMap((_, n) => (found[n] === undefined ? [n] : []));
  if (open.length > 0) {
    const ids = open.map((n) => table.ids[positions[n]]);
    const computed = await embedder.embed(
      open.map((n) => texts[n]),
      { ids, signal },
    );
    checkCount(computed, open.length, embedder);
    for (const [at, n] of open.entries()) rows[n] = computed[at];
  }
  table.checkAll(rows, positions);
  // Only what can be used: a bad vector must not come back on every run.
  const kept = open.filter((n) => rows[n] !== null && keys[n] !== null);
  if (cache && kept.length > 0) {
    await cache.set(
      kept.map((n) => keys[n]!),
      kept.map((n) => Float32Array.from(rows[n]!)),
    );
  }
  return { rows, known: texts.map((_, n) => found[n] !== undefined) };
}

/** The cache keys of texts; null for those that are not kept. */
async function keysOf(
  texts: readonly string[],
  embedder: Embedder,
  call: EmbedCall,
): Promise<(string | null)[]> {
  const contents = embedder.contents ? await embedder.contents(texts, call) : texts;
  return Promise.all(
    contents.map((content) => (content === null ? null : embeddingKey(embedder.id, content))),
  );
}

/** What the cache has for the keys and can be used. */
async function cachedRows(
  keys: readonly (string | null)[],
  cache: EmbeddingCache,
  table: RowTable,
): Promise<(Float32Array | undefined)[]> {
  const known = await cache.get(keys.filter((key) => key !== null));
  let next = 0;
  return keys.map((key) => {
    const row = key === null ? undefined : known[next++];
    return table.usable(row) ? row : undefined;
  });
}

/** @throws {ShapeError} unless there is a row for each text */
export function checkCount(rows: readonly EmbeddedRow[], count: number, { id }: Embedder): void {
  if (Array.isArray(rows) && rows.length === count) return;
  const received = Array.isArray(rows) ? `${rows.length}` : shown(rows);
  throw new ShapeError(id, `expected ${count} vectors, received ${received}`, 'Return one row per text');
}
