import { DataError, OptionError, ShapeError } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { type EmbeddingCache, embeddingKey } from './cache.ts';
import { Embeddings } from './embeddings.ts';

/** Called after every batch. */
export interface EmbedProgress {
  /** Texts that have their vector. */
  readonly done: number;
  readonly total: number;
  /** How many of `done` came from the cache. */
  readonly cached: number;
}

/** What every way of computing embeddings takes. */
export interface BatchOptions {
  /** One id per text. Default: the positions, `0`, `1`, … */
  readonly ids?: readonly string[];
  /** Texts per batch. Default 32, as sentence-transformers' `encode`. */
  readonly batchSize?: number;
  readonly cache?: EmbeddingCache;
  readonly onProgress?: (progress: EmbedProgress) => void;
  /** Checked before every batch; batches that are done stay in the cache. */
  readonly signal?: AbortSignal;
}

/** A way to turn texts into vectors. */
export interface Embedder {
  /** Everything that decides the vector of a text, for the cache. */
  readonly settings: readonly string[];
  readonly source: string;
  /** One vector per text, in their order. Called only for texts that the cache does not have. */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
}

/**
 * Embeds `texts` batch by batch, in their order. A batch asks the embedder only for the texts that are not in
 * the cache. The vector of a text may differ in the last bits with the company it is computed in, so the
 * batches are part of what is reproducible: the same texts and batch size give the same bytes, interrupted or
 * not, as long as nothing else fills the cache.
 *
 * @throws {OptionError} a batch size that is no positive integer
 * @throws {ShapeError} another number of ids than of texts; vectors of unequal width
 * @throws {DataError} no text, a blank text, repeated ids, NaN or Inf from the embedder
 */
export async function embedInBatches(
  texts: readonly string[],
  embedder: Embedder,
  options: BatchOptions,
): Promise<Embeddings> {
  const { batchSize = 32, cache, onProgress, signal } = options;
  const ids = checkedIds(texts, options);
  const total = texts.length;
  let vectors = new Float32Array(0);
  let width = 0;
  let cached = 0;
  for (let start = 0; start < total; start += batchSize) {
    signal?.throwIfAborted();
    const end = start + batchSize;
    const batch = await embedBatch(texts.slice(start, end), ids.slice(start, end), embedder, cache, width);
    cached += batch.cached;
    if (start === 0) {
      width = batch.rows[0].length;
      vectors = new Float32Array(total * width);
    }
    batch.rows.forEach((row, i) => {
      vectors.set(row, (start + i) * width);
    });
    onProgress?.({ done: start + batch.rows.length, total, cached });
  }
  return new Embeddings({ ids, width, vectors, source: embedder.source });
}

/** `width` is 0 for the first batch, which decides it. */
async function embedBatch(
  texts: readonly string[],
  ids: readonly string[],
  embedder: Embedder,
  cache: EmbeddingCache | undefined,
  width: number,
): Promise<{ rows: Float32Array[]; cached: number }> {
  const keys = cache ? await Promise.all(texts.map((text) => embeddingKey(embedder.settings, text))) : [];
  const known = cache ? await cache.get(keys) : [];
  const open = texts.map((_, i) => i).filter((i) => known[i] === undefined);
  const computed = open.length > 0 ? await embedder.embed(open.map((i) => texts[i])) : [];
  const rows = texts.map((_, i) => known[i] ?? computed[open.indexOf(i)]);
  checkRows(rows, ids, width || rows[0].length, embedder.source);
  if (open.length > 0) {
    await cache?.set(
      open.map((i) => keys[i]),
      computed,
    );
  }
  return { rows, cached: texts.length - open.length };
}

/** Before the cache keeps them: a vector that cannot be used must not come back on every run. */
function checkRows(
  rows: readonly Float32Array[],
  ids: readonly string[],
  width: number,
  source: string,
): void {
  rows.forEach((row, i) => {
    if (row.length !== width) {
      throw new ShapeError(
        source,
        `expected vectors of width ${width}, received ${row.length} for ${ids[i]}`,
        'Empty the cache, or check that the model is the same for all texts',
      );
    }
    const at = firstNonFinite(row);
    if (at >= 0) {
      throw new DataError(
        source,
        `expected a finite vector for ${ids[i]}, received ${row[at]} in column ${at}`,
        'Try another precision or model',
      );
    }
  });
}

/** The ids, after everything that can be wrong with the arguments was looked at. */
function checkedIds(texts: readonly string[], options: BatchOptions): readonly string[] {
  const { batchSize = 32, ids = texts.map((_, i) => String(i)) } = options;
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new OptionError('embed', `expected a batchSize of at least 1, received ${batchSize}`, 'Try 32');
  }
  if (ids.length !== texts.length) {
    throw new ShapeError(
      'embed',
      `expected ${texts.length} ids, received ${ids.length}`,
      'Pass one id per text',
    );
  }
  if (texts.length === 0) {
    throw new DataError('embed', 'expected at least one text, received none', 'Pass the texts of the items');
  }
  const blank = texts.findIndex((text) => text.trim() === '');
  if (blank >= 0) {
    throw new DataError(
      'embed',
      `expected a text for ${ids[blank]} (position ${blank}), received a blank one`,
      'Give it a text, or leave it out: an item without a vector starts from a xavier row',
    );
  }
  return ids;
}
