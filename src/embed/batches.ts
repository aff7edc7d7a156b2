import { DataError, OptionError, ShapeError } from '../errors.ts';
import { checkArgument, TEXTS } from '../options/arguments.ts';
import { instance, integer } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { progressOption, SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import { inTurn } from '../remote/inTurn.ts';
import { CACHE, type EmbeddingCache } from './cache.ts';
import { checkCount, embedBatch } from './cachedBatch.ts';
import { EMBEDDER, type Embedder, UNNAMED } from './embedder.ts';
import { Embeddings } from './embeddings.ts';
import { planBatches } from './plan.ts';
import { RowTable } from './rowTable.ts';

/**
 * Called after every batch, and by embedders of whole catalogues as they go.
 *
 * @example
 * const onProgress = ({ done, total, cached }: EmbedProgress) => console.log(done, total, cached);
 * const embeddings = await embedInBatches(texts, lexicalEmbedder({ dim: 8 }), { ids: itemIds, onProgress });
 */
export interface EmbedProgress {
  /** Texts that have their vector; steps, of an embedder of whole catalogues. */
  readonly done: number;
  readonly total: number;
  /** How many of `done` came from the cache. */
  readonly cached: number;
}

/**
 * What every way of computing embeddings takes.
 *
 * @example
 * const options: BatchOptions = {
 *   ids: itemIds,
 *   cache: memoryCache(),
 *   onProgress: ({ done, total }) => console.log(`${done} of ${total}`),
 * };
 * const embeddings = await embedInBatches(texts, lexicalEmbedder({ dim: 8 }), options);
 */
export interface BatchOptions {
  /** One id per text. Default: the positions, `0`, `1`, … */
  readonly ids?: readonly string[];
  /** Texts per batch. Default: what the embedder says, else 32, as sentence-transformers' `encode`. */
  readonly batchSize?: number;
  readonly cache?: EmbeddingCache;
  readonly onProgress?: (progress: EmbedProgress) => void;
  /** Ends the work early; batches that are done stay in the cache. */
  readonly signal?: AbortSignal;
}

const BATCH_OPTIONS: DescriptorsOf<BatchOptions> = {
  ids: instance<readonly string[]>('a list of texts', TEXTS.is, { about: 'one id per text' }),
  batchSize: integer({ about: 'texts per batch', min: 1, defaultText: 'what the embedder says' }),
  cache: instance<EmbeddingCache>('a cache { get, set }', CACHE.is, {
    about: 'vectors that are there already',
  }),
  onProgress: progressOption<EmbedProgress>(),
  signal: SIGNAL,
};

/**
 * The vectors of `texts` from any embedder, by id, without the texts that have none. Where a vector depends on its
 * text alone, equal texts are embedded once, texts go batch by batch, as many at a time as the embedder takes, and a
 * batch asks only for the texts that are not in the cache. When a batch fails, those under way are finished and kept,
 * then the error is thrown. The vector of a text may differ in the last bits with the company it is computed in, so
 * the batches are part of what is reproducible: the same texts and batch size give the same bytes, interrupted or
 * not, as long as nothing else fills the cache.
 *
 * @throws {OptionError} a batch size that is no positive integer
 * @throws {ShapeError} another number of ids than of texts, of rows than of texts; vectors of unequal width
 * @throws {DataError} no text; a blank or broken text, where vectors depend on it; repeated ids; no vector at all;
 *   NaN or Inf from the embedder
 * @example
 * const embedder = toEmbedder(async (texts) => texts.map((text) => [text.length, 1]), { id: 'lengths' });
 * const embeddings = await embedInBatches(texts, embedder, { ids: itemIds, cache: memoryCache() });
 * embeddings.width; // → 2
 */
export async function embedInBatches(
  texts: readonly string[],
  embedder: Embedder,
  options: BatchOptions = {},
): Promise<Embeddings> {
  checkArgument(TEXTS, texts, 'texts', 'embed');
  checkArgument(EMBEDDER, embedder, 'embedder', 'embed');
  resolveOptions(BATCH_OPTIONS, options, 'embed');
  const ids = checkedIds(texts, embedder, options);
  options.signal?.throwIfAborted();
  const rows = new RowTable(embedder, ids);
  if ((embedder.dependsOn ?? 'text') === 'text') await fillByText(rows, texts, embedder, options);
  else await fillAtOnce(rows, texts, embedder, options);
  return new Embeddings({ ...rows.finish(), lexical: embedder.lexical ?? null });
}

async function fillAtOnce(
  rows: RowTable,
  texts: readonly string[],
  embedder: Embedder,
  { signal, onProgress }: BatchOptions,
): Promise<void> {
  const call = {
    ids: rows.ids,
    signal,
    onProgress: onProgress && ((step: { done: number; total: number }) => onProgress({ ...step, cached: 0 })),
  };
  const found = await embedder.embed(texts, call);
  checkCount(found, texts.length, embedder);
  rows.checkAll(
    found,
    rows.ids.map((_, position) => position),
  );
  for (const [position, row] of found.entries()) rows.set(position, row);
}

async function fillByText(
  rows: RowTable,
  texts: readonly string[],
  embedder: Embedder,
  options: BatchOptions,
): Promise<void> {
  const { signal, cache, onProgress } = options;
  const places = placesOf(texts);
  const distinct = [...places.keys()];
  const batches = planBatches(distinct, embedder, batchSizeOf(embedder, options));
  let done = 0;
  let cached = 0;
  const run = async (batch: readonly number[]): Promise<void> => {
    signal?.throwIfAborted();
    const asked = batch.map((n) => distinct[n]);
    const firsts = asked.map((text) => places.get(text)![0]);
    const result = await embedBatch(asked, firsts, rows, embedder, cache, signal);
    for (const [n, text] of asked.entries()) {
      for (const position of places.get(text)!) rows.set(position, result.rows[n]);
      done += places.get(text)!.length;
      if (result.known[n]) cached += places.get(text)!.length;
    }
    onProgress?.({ done, total: texts.length, cached });
  };
  await inTurn(batches, run, embedder.concurrency ?? 1);
}

/** Positions of each distinct text, in the order of first appearance. */
function placesOf(texts: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [position, text] of texts.entries()) {
    const known = places.get(text);
    if (known) known.push(position);
    else places.set(text, [position]);
  }
  return places;
}

function batchSizeOf(embedder: Embedder, options: BatchOptions): number {
  return options.batchSize ?? embedder.batchSize ?? 32;
}

/** The ids, after everything that can be wrong with the arguments was looked at. */
function checkedIds(texts: readonly string[], embedder: Embedder, options: BatchOptions): readonly string[] {
  const { ids = texts.map((_, i) => String(i)) } = options;
  const batchSize = batchSizeOf(embedder, options);
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new OptionError('embed', `expected a batchSize of at least 1, received ${batchSize}`, 'Try 32');
  }
  if (ids.length !== texts.length) {
    const problem = `expected ${texts.length} ids, received ${ids.length}`;
    throw new ShapeError('embed', problem, 'Pass one id per text');
  }
  if (texts.length === 0) {
    throw new DataError('embed', 'expected at least one text, received none', 'Pass the texts of the items');
  }
  if ((embedder.dependsOn ?? 'text') === 'text') checkTexts(texts, ids);
  if (options.cache && embedder.id === UNNAMED) {
    const problem = 'expected an embedder with an id, since it is part of the cache key, received a function';
    throw new OptionError('embed', problem, "Pass toEmbedder(function, { id: '…' })", 'cache');
  }
  return ids;
}

function checkTexts(texts: readonly string[], ids: readonly string[]): void {
  for (const [position, text] of texts.entries()) {
    const place = `${ids[position]} (position ${position})`;
    if (text.trim() === '') {
      throw new DataError(
        'embed',
        `expected a text for ${place}, received a blank one`,
        'Give it a text, or leave it out: an item without a vector starts from a xavier row',
      );
    }
    if (LONE_SURROGATE.test(text)) {
      const problem = `expected a text for ${place}, received one with half of a UTF-16 pair`;
      throw new DataError('embed', problem, 'Mend the text, for instance with toWellFormed()');
    }
  }
}

/** With the flag u a whole pair is one character, which is no surrogate. */
const LONE_SURROGATE = /\p{Surrogate}/u;
