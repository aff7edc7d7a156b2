import { FUNCTION, having, TEXT } from '../options/arguments.ts';
import type { LexicalModel } from './lexical/model.ts';

/**
 * Texts that have their vector, out of how many.
 *
 * @example
 * const onProgress = ({ done, total }: StepProgress) => console.log(`${done} of ${total}`);
 * const { embeddings } = await lexicalEmbeddings(itemIds, texts, { dim: 8, onProgress });
 */
export interface StepProgress {
  readonly done: number;
  readonly total: number;
}

/**
 * What a call of `Embedder.embed` comes with.
 *
 * @example
 * const call: EmbedCall = { ids: ['a'], signal: AbortSignal.timeout(10_000) };
 * const [row] = await lexicalModelEmbedder(embeddings.lexical!).embed(['oak chair'], call);
 */
export interface EmbedCall {
  /** One id per text, for embedders that look vectors up by id. Default: the positions, `0`, `1`, … */
  readonly ids?: readonly string[];
  /** Ends the call early; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then by embedders that take long over one call. */
  readonly onProgress?: (progress: StepProgress) => void;
}

/**
 * One vector, as any list of numbers; null for a text that has none.
 *
 * @example
 * const row: EmbeddedRow = [0.1, 0.2];
 * const embedder = toEmbedder((texts) => texts.map((text) => (text === '' ? null : row)), { id: 'constant' });
 */
export type EmbeddedRow = ArrayLike<number> | null;

/**
 * A way to turn texts into vectors. Every embedder of this package is one, and so is any object with an `id` and
 * an `embed`; models of the AI SDK, LangChain and Workers AI become one by `toEmbedder`.
 *
 * @example
 * const embedder: Embedder = {
 *   id: 'lengths',
 *   width: 2,
 *   embed: async (texts) => texts.map((text) => [text.length, 1]),
 * };
 * const embeddings = await embedInBatches(texts, embedder, { ids: itemIds });
 */
export interface Embedder {
  /**
   * Names everything that decides a vector: kind, model, revision, pooling, precision, prefix. Two embedders with
   * one id give the same vectors: it is part of the cache key and stands in reports, so it holds no secret.
   */
  readonly id: string;
  /** Numbers in a vector, where that is known before the first text. */
  readonly width?: number;
  /**
   * What a vector depends on. `text` (the default): on its text alone, so that texts go in batches and vectors
   * into the cache. `catalogue`: on all texts of the call, which are then passed in one. `id`: on the id; the texts
   * may be blank.
   */
  readonly dependsOn?: 'text' | 'catalogue' | 'id';
  /** Most texts of a call that it takes, or likes best. Default 32, as sentence-transformers' `encode`. */
  readonly batchSize?: number;
  /** Most tokens of a call, as `estimatedTokens` counts them, where it has such a limit; a longer text goes alone. */
  readonly batchTokens?: number;
  /** Whether texts of like length should share a call, since the shorter ones are padded. Default false. */
  readonly byLength?: boolean;
  /** Calls that it takes at a time. Default 1. */
  readonly concurrency?: number;
  /** Counts of the calls so far that are worth a line: `tokens`, `truncated` texts, `requests`, `retries`. */
  readonly counts?: Readonly<Record<string, number>>;
  /** What makes vectors of new texts after a call, of an embedder of catalogues that has such a thing. */
  readonly lexical?: LexicalModel | null;
  /**
   * What a cache knows the texts by, in their order, where texts are references to something that may change; null
   * for what is never kept. Default: the texts.
   */
  contents?(texts: readonly string[], call?: EmbedCall): Promise<readonly (string | null)[]>;
  /** One row per text, in their order and of one width. Never changes `texts`. */
  embed(texts: readonly string[], call?: EmbedCall): Promise<readonly EmbeddedRow[]>;
}

/** Whatever has an `id` and an `embed`. */
export const EMBEDDER = having<Embedder>(
  'an embedder { id, embed }',
  { id: TEXT, embed: FUNCTION },
  'Make one of it with toEmbedder',
);

/** The id of functions that were given none; vectors under it are in no cache. */
export const UNNAMED = 'a function';
