import { DataError, OptionError, shown } from '../../errors.ts';
import type { Embedder } from '../embedder.ts';

/**
 * The binding `env.AI` of Cloudflare Workers, as far as it is used here.
 *
 * @example
 * function embedderOfWorker(env: { AI: WorkersAi }) {
 *   return toEmbedder(env.AI, { model: '@cf/baai/bge-m3' });
 * }
 */
export interface WorkersAi {
  run(model: string, inputs: { text: string[] }): Promise<unknown>;
}

export function isWorkersAi(like: object): like is WorkersAi {
  return 'run' in like && typeof like.run === 'function';
}

/** Source: Cloudflare, Workers AI, text embeddings: an array holds 100 texts at most. */
const TEXTS_PER_CALL = 100;

/** An embedder that runs `model` on Workers AI. @throws {OptionError} without a model */
export function fromWorkersAi(ai: WorkersAi, model: string | undefined): Embedder {
  if (!model) {
    const problem = 'expected the model to run beside env.AI, received none';
    throw new OptionError('toEmbedder', problem, "Pass { model: '@cf/baai/bge-base-en-v1.5' }");
  }
  const id = `Workers AI: ${model}`;
  return {
    id,
    batchSize: TEXTS_PER_CALL,
    async embed(texts, { signal } = {}) {
      signal?.throwIfAborted();
      const answer = await ai.run(model, { text: [...texts] });
      if (answer !== null && typeof answer === 'object' && 'data' in answer && Array.isArray(answer.data))
        return answer.data;
      const problem = `expected { data: rows } from env.AI.run, received ${shown(JSON.stringify(answer))}`;
      throw new DataError(id, problem, 'Name a model for text embeddings');
    },
  };
}
