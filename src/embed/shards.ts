import { DataError, FormatError, OptionError, ShapeError, shown } from '../errors.ts';
import { parseJsonObject } from '../format/json.ts';
import { decodeSafetensors } from '../format/safetensors.ts';
import { arrayOf, BYTES, checkArgument, having, TEXT, TEXTS } from '../options/arguments.ts';
import { integer } from '../options/builders.ts';
import { Embeddings } from './embeddings.ts';
import { embeddingsFromSafetensors } from './files.ts';

/**
 * One part of a catalogue, the first being 1.
 *
 * @example
 * const shard: Shard = { number: 2, of: 8 };
 * shardRange(800, shard); // → { begin: 100, end: 200 }
 */
export interface Shard {
  readonly number: number;
  readonly of: number;
}

/**
 * What a file of one shard says of the whole it is a part of.
 *
 * @example
 * const mark: ShardMark = await markShard({ number: 1, of: 2 }, 'lexical', itemIds, texts);
 */
export interface ShardMark extends Shard {
  /** SHA-256 of the embedder, the ids and the texts of the whole catalogue. */
  readonly digest: string;
}

const COUNT = integer({ about: 'how many items there are', min: 0 });
const NUMBER = integer({ about: 'of the shard', min: 1 });
const SHARD = having<Shard>('a shard { number, of }', {});
const FILES = arrayOf(
  'a list of files { name, bytes }',
  having<{ name: string; bytes: Uint8Array }>('a file', { name: TEXT, bytes: BYTES }),
);

/**
 * The shard that a text like `3/16` means.
 * @throws {OptionError} unless it is one of 1 … 16 of 16
 * @example
 * parseShard('2/8'); // → { number: 2, of: 8 }
 */
export function parseShard(text: string): Shard {
  checkArgument(TEXT, text, 'text', 'parseShard');
  const [, number, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim()) ?? [];
  if (number !== undefined && Number(number) >= 1 && Number(number) <= Number(of))
    return { number: Number(number), of: Number(of) };
  const problem = `expected shard to be like 3/16, received ${shown(text)}`;
  throw new OptionError(
    'shard',
    problem,
    'Write the number of the shard, from 1, and how many there are',
    'shard',
  );
}

/**
 * The positions begin … end − 1 of `count` items that belong to a shard; shards differ in size by one at most. @throws {OptionError} for no shard
 *
 * @example
 * shardRange(100, { number: 2, of: 4 }); // → { begin: 25, end: 50 }
 */
export function shardRange(count: number, shard: Shard): { begin: number; end: number } {
  COUNT.check(count, 'count', 'shardRange');
  const { number, of } = checkedShard(shard, 'shardRange');
  const start = (n: number) => Math.floor((n * count) / of);
  return { begin: start(number - 1), end: start(number) };
}

/** @throws {OptionError} unless it is one of 1 … `of` */
function checkedShard(shard: Shard, where: string): Shard {
  checkArgument(SHARD, shard, 'shard', where);
  const of = NUMBER.check(shard.of, 'shard.of', where);
  const most = integer({ about: 'of the shard', min: 1, max: of });
  return { number: most.check(shard.number, 'shard.number', where), of };
}

/**
 * The mark of a shard of this catalogue, embedded by `embedderId`.
 *
 * @example
 * const shard = parseShard('1/2');
 * const { begin, end } = shardRange(texts.length, shard);
 * const embeddings = await embedInBatches(texts.slice(begin, end), lexicalEmbedder({ dim: 4 }), {
 *   ids: itemIds.slice(begin, end),
 * });
 * const mark = await markShard(shard, 'lexical', itemIds, texts);
 * const bytes = embeddingsToSafetensors(embeddings, mark);
 */
export async function markShard(
  shard: Shard,
  embedderId: string,
  ids: readonly string[],
  texts: readonly string[],
): Promise<ShardMark> {
  checkedShard(shard, 'markShard');
  checkArgument(TEXT, embedderId, 'embedderId', 'markShard');
  checkArgument(TEXTS, ids, 'ids', 'markShard');
  checkArgument(TEXTS, texts, 'texts', 'markShard');
  if (ids.length !== texts.length) {
    const problem = `expected ${texts.length} ids, received ${ids.length}`;
    throw new ShapeError('markShard', problem, 'Pass one id per text');
  }
  const content = new TextEncoder().encode(JSON.stringify([embedderId, ids, texts]));
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  const digest = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ...shard, digest };
}

/**
 * The vectors of all shards of one catalogue, in its order.
 * @throws {FormatError} a file that is no shard
 * @throws {DataError} shards of different catalogues or embedders; one that is missing or twice there
 * @throws {ShapeError} vectors of different widths
 * @example
 * function merged(files: { name: string; bytes: Uint8Array }[]) {
 *   return embeddingsToSafetensors(mergeShards(files));
 * }
 */
export function mergeShards(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Embeddings {
  checkArgument(FILES, files, 'files', 'mergeShards');
  if (files.length === 0)
    throw new OptionError('mergeShards', 'expected shards, received none', 'Name their files');
  const parts = files.map(({ name, bytes }) => ({
    name,
    mark: readMark(name, bytes),
    embeddings: embeddingsFromSafetensors(bytes, name),
  }));
  parts.sort((a, b) => a.mark.number - b.mark.number);
  const [first] = parts;
  for (const { name, mark, embeddings } of parts) {
    if (mark.digest !== first.mark.digest || mark.of !== first.mark.of) {
      const problem = `expected a shard of the same catalogue and embedder as ${first.name}, received one of another`;
      throw new DataError(name, problem, 'Make all shards of one catalogue with the same options');
    }
    if (embeddings.width !== first.embeddings.width) {
      const problem = `expected vectors of width ${first.embeddings.width} as in ${first.name}, received ${embeddings.width}`;
      throw new ShapeError(name, problem, 'Make this shard again');
    }
  }
  checkComplete(
    parts.map(({ name, mark }) => ({ name, number: mark.number })),
    first.mark.of,
  );
  const { width, source } = first.embeddings;
  const ids = parts.flatMap(({ embeddings }) => embeddings.ids);
  const vectors = new Float32Array(ids.length * width);
  let at = 0;
  for (const { embeddings } of parts) {
    vectors.set(embeddings.vectors, at);
    at += embeddings.vectors.length;
  }
  return new Embeddings({ ids, width, vectors, source });
}

/** @throws {DataError} for a shard that is missing or twice there; of parts by their number */
export function checkComplete(parts: readonly { name: string; number: number }[], of: number): void {
  const twice = parts.find(({ number }, n) => n > 0 && parts[n - 1].number === number);
  if (twice)
    throw new DataError(
      twice.name,
      `expected each shard once, received ${twice.number}/${of} twice`,
      'Name it once',
    );
  if (parts.length === of) return;
  const present = new Set(parts.map(({ number }) => number));
  const missing = Array.from({ length: of }, (_, n) => n + 1).filter((number) => !present.has(number));
  const first = missing.slice(0, 5).map((number) => `${number}/${of}`);
  const problem = `expected all ${of} shards, received ${parts.length}: ${first.join(', ')}${missing.length > 5 ? ' …' : ''} missing`;
  throw new DataError('mergeShards', problem, 'Make these as well');
}

/** The mark of a shard's file. @throws {FormatError} for a file that is no shard */
export function readMark(name: string, bytes: Uint8Array): ShardMark {
  const { shard } = decodeSafetensors(bytes, name).metadata;
  if (shard !== undefined) {
    const { number, of, digest } = parseJsonObject(shard, name);
    if (typeof number === 'number' && typeof of === 'number' && typeof digest === 'string')
      return { number, of, digest };
  }
  throw new FormatError(name, 'expected a shard, received a file without its mark', 'Write it with --shard');
}
