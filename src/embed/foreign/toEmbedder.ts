import { OptionError, shown } from '../../errors.ts';
import { integer, text } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { type EmbedCall, type EmbeddedRow, type Embedder, UNNAMED } from '../embedder.ts';
import { type AiSdkModel, fromAiSdk, isAiSdkModel } from './aiSdk.ts';
import { fromLangChain, isLangChain, type LangChainEmbeddings } from './langChain.ts';
import { fromWorkersAi, isWorkersAi, type WorkersAi } from './workersAi.ts';

/**
 * A plain function: one row per text, in their order.
 *
 * @example
 * const lengths: EmbedFunction = (texts) => texts.map((text) => [text.length, 1]);
 * const embedder = toEmbedder(lengths, { id: 'lengths' });
 */
export type EmbedFunction = (
  texts: readonly string[],
  call: { readonly signal?: AbortSignal },
) => readonly EmbeddedRow[] | Promise<readonly EmbeddedRow[]>;

/**
 * What `toEmbedder` takes.
 *
 * @example
 * const like: EmbedderLike = async (texts: readonly string[]) => texts.map((text) => [text.length, 1]);
 * const data = await trainingData({ interactions, catalogue, embedder: toEmbedder(like, { id: 'lengths' }) });
 */
export type EmbedderLike = Embedder | AiSdkModel | LangChainEmbeddings | WorkersAi | EmbedFunction;

/**
 * Options of `toEmbedder`.
 *
 * @example
 * const options: ToEmbedderOptions = { id: 'lengths', batchSize: 64 };
 * const embedder = toEmbedder((texts) => texts.map((text) => [text.length, 1]), options);
 */
export interface ToEmbedderOptions {
  /**
   * Names everything that decides a vector, see `Embedder.id`. Default: what the object says of itself; a function
   * says nothing, and a cache needs it.
   */
  readonly id?: string;
  /** Which model to run, for Workers AI: `@cf/baai/bge-base-en-v1.5`. */
  readonly model?: string;
  /** Texts per call. Default: what the object says, else 32. */
  readonly batchSize?: number;
  /** Calls at a time. Default: 4 where the object says that it takes parallel calls, else 1. */
  readonly concurrency?: number;
}

const OPTIONS = {
  id: text({ about: 'names everything that decides a vector' }),
  model: text({ about: 'which model to run' }),
  batchSize: integer({ about: 'texts per call', min: 1 }),
  concurrency: integer({ about: 'calls at a time', min: 1 }),
} satisfies DescriptorsOf<ToEmbedderOptions>;

/**
 * An embedder from what people already have: an embedding model of the AI SDK (`doEmbed`, specification v1 to v4),
 * a LangChain `Embeddings` (`embedDocuments`), the binding `env.AI` of Cloudflare Workers, or a function from texts to
 * rows. An `Embedder` comes back with the options in the place of its own settings. Told apart by their members alone:
 * none of these packages is imported.
 *
 * @throws {OptionError} an object of none of these kinds; `env.AI` without `model`
 * @example
 * const embedder = toEmbedder(async (texts) => texts.map((text) => [text.length, 1]), { id: 'lengths' });
 * const vectors = await embedder.embed(['oak chair']);
 * vectors; // → [[9, 1]]
 */
export function toEmbedder(like: EmbedderLike, options: ToEmbedderOptions = {}): Embedder {
  const settings = resolveOptions(OPTIONS, options, 'toEmbedder');
  return Object.assign(adapted(like, settings), given(settings));
}

function adapted(like: EmbedderLike, options: ToEmbedderOptions): Embedder {
  if (typeof like === 'function') {
    return { id: UNNAMED, embed: async (texts, { signal } = {}) => like(texts, { signal }) };
  }
  if (like === null || typeof like !== 'object') throw unknown(shown(like));
  if (isEmbedder(like)) return forwarding(like);
  if (isAiSdkModel(like)) return fromAiSdk(like);
  if (isLangChain(like)) return fromLangChain(like);
  if (isWorkersAi(like)) return fromWorkersAi(like, options.model);
  throw unknown(Object.keys(like).join(', ') || 'an empty object');
}

function unknown(received: string): OptionError {
  const problem = `expected an Embedder, a model with doEmbed, embedDocuments or run, or a function, received ${received}`;
  return new OptionError('toEmbedder', problem, 'Pass a function (texts, { signal }) => rows');
}

function isEmbedder(like: object): like is Embedder {
  return 'embed' in like && typeof like.embed === 'function' && 'id' in like && typeof like.id === 'string';
}

/** A spread would lose the members of a class. */
function forwarding(embedder: Embedder): Embedder {
  const { id, width, dependsOn, batchSize, batchTokens, byLength, concurrency } = embedder;
  return {
    ...{ id, width, dependsOn, batchSize, batchTokens, byLength, concurrency },
    get counts() {
      return embedder.counts;
    },
    get lexical() {
      return embedder.lexical;
    },
    ...(embedder.contents && {
      contents: (texts: readonly string[], call?: EmbedCall) => embedder.contents!(texts, call),
    }),
    embed: (texts: readonly string[], call?: EmbedCall) => embedder.embed(texts, call),
  };
}

function given({ id, batchSize, concurrency }: ToEmbedderOptions): Partial<Embedder> {
  return {
    ...(id !== undefined && { id }),
    ...(batchSize !== undefined && { batchSize }),
    ...(concurrency !== undefined && { concurrency }),
  };
}
