import { DataError, shown } from '../../errors.ts';
import { checkArgument } from '../../options/arguments.ts';
import { EMBEDDER, type EmbeddedRow, type Embedder } from '../embedder.ts';

/**
 * What the AI SDK calls an `EmbeddingModel`, as far as it is used here.
 * Source: `@ai-sdk/provider`, `EmbeddingModelV2` to `EmbeddingModelV4`.
 *
 * @example
 * const model: AiSdkModel = toAiSdkModel(lexicalModelEmbedder(embeddings.lexical!));
 * const embedder = toEmbedder(model);
 */
export interface AiSdkModel {
  readonly specificationVersion?: string;
  readonly provider?: string;
  readonly modelId?: string;
  readonly maxEmbeddingsPerCall?: number | undefined | PromiseLike<number | undefined>;
  readonly supportsParallelCalls?: boolean | PromiseLike<boolean>;
  doEmbed(options: {
    values: string[];
    abortSignal?: AbortSignal;
  }): PromiseLike<{ embeddings: readonly (readonly number[])[]; usage?: { tokens: number } }>;
}

export function isAiSdkModel(like: object): like is AiSdkModel {
  return 'doEmbed' in like && typeof like.doEmbed === 'function';
}

/** Calls at a time of models that say they take parallel ones. */
const PARALLEL_CALLS = 4;

/**
 * An embedder that calls the model. A limit on texts per call that the model only promises is kept inside `embed`.
 */
export function fromAiSdk(model: AiSdkModel): Embedder {
  const {
    provider = 'ai-sdk',
    modelId = 'unnamed model',
    maxEmbeddingsPerCall,
    supportsParallelCalls,
  } = model;
  return {
    id: `${provider}: ${modelId}`,
    batchSize: typeof maxEmbeddingsPerCall === 'number' ? Math.max(1, maxEmbeddingsPerCall) : undefined,
    concurrency: supportsParallelCalls === true ? PARALLEL_CALLS : 1,
    async embed(texts, { signal } = {}) {
      const most = Math.max(1, (await maxEmbeddingsPerCall) ?? texts.length);
      const rows: EmbeddedRow[] = [];
      for (let start = 0; start < texts.length; start += most) {
        const values = texts.slice(start, start + most);
        const answer = await model.doEmbed({ values, abortSignal: signal });
        if (!Array.isArray(answer?.embeddings)) {
          const problem = `expected { embeddings } from doEmbed, received ${shown(answer)}`;
          throw new DataError(`${provider}: ${modelId}`, problem, 'Check the version of the provider');
        }
        rows.push(...answer.embeddings);
      }
      return rows;
    },
  };
}

/**
 * An embedder in the shape of the AI SDK, specification v3, for `embed` and `embedMany` of the package `ai`.
 *
 * @example
 * const model: AiSdkEmbeddingModel = toAiSdkModel(lexicalModelEmbedder(embeddings.lexical!));
 * model.specificationVersion; // → 'v3'
 */
export interface AiSdkEmbeddingModel {
  readonly specificationVersion: 'v3';
  readonly provider: 'llminit';
  readonly modelId: string;
  readonly maxEmbeddingsPerCall: number | undefined;
  readonly supportsParallelCalls: boolean;
  doEmbed(options: { values: string[]; abortSignal?: AbortSignal }): Promise<{
    embeddings: number[][];
    warnings: [];
  }>;
}

/**
 * `embedder` as an embedding model of the AI SDK.
 * @throws {DataError} from `doEmbed`, for a text that the embedder has no vector for
 * @example
 * const model = toAiSdkModel(lexicalModelEmbedder(embeddings.lexical!));
 * const { embeddings: vectors } = await model.doEmbed({ values: ['oak chair'] });
 * vectors.length; // → 1
 */
export function toAiSdkModel(embedder: Embedder): AiSdkEmbeddingModel {
  checkArgument(EMBEDDER, embedder, 'embedder', 'toAiSdkModel');
  return {
    specificationVersion: 'v3',
    provider: 'llminit',
    modelId: embedder.id,
    maxEmbeddingsPerCall: embedder.dependsOn === 'catalogue' ? undefined : (embedder.batchSize ?? 32),
    supportsParallelCalls: (embedder.concurrency ?? 1) > 1,
    async doEmbed({ values, abortSignal }) {
      const rows = await embedder.embed(values, { signal: abortSignal });
      const embeddings = rows.map((row, n) => {
        if (row !== null) return Array.from(row);
        const problem = `expected a vector for ${shown(values[n])}, received none`;
        throw new DataError(embedder.id, problem, 'Leave this text out');
      });
      return { embeddings, warnings: [] };
    },
  };
}
