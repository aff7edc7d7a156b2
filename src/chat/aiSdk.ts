import { DataError, shown } from '../errors.ts';
import type { Chat, ChatMessage, ChatReply, ChatRequest } from './chat.ts';
import { countOf } from './completion.ts';

/**
 * What the AI SDK calls a `LanguageModel`, as far as it is used here.
 * Source: `@ai-sdk/provider`, `LanguageModelV1` to `LanguageModelV4`.
 *
 * @example
 * function chatOf(model: AiSdkLanguageModel) {
 *   return toChat(model, { id: 'my model' });
 * }
 */
export interface AiSdkLanguageModel {
  readonly specificationVersion?: string;
  readonly provider?: string;
  readonly modelId?: string;
  doGenerate(options: never): PromiseLike<unknown>;
}

/** Whether an object has the members of a language model. */
export function isAiSdkLanguageModel(like: object): like is AiSdkLanguageModel {
  return 'doGenerate' in like && typeof like.doGenerate === 'function';
}

/** A chat model that calls `doGenerate`. */
export function fromAiSdkLanguageModel(model: AiSdkLanguageModel): Chat {
  const { provider = 'ai-sdk', modelId = 'unnamed model', specificationVersion } = model;
  const id = `${provider}: ${modelId}`;
  const isFirst = specificationVersion === 'v1';
  return {
    id,
    async ask(request, { signal } = {}) {
      signal?.throwIfAborted();
      const call = { ...(isFirst ? formatOfV1(request) : formatOf(request)), abortSignal: signal };
      const prompt = request.messages.map(promptMessage);
      const answer = await model.doGenerate({ prompt, temperature: 0, ...call } as never);
      return replyOf(answer, id);
    },
  };
}

function promptMessage({ role, content }: ChatMessage): object {
  return { role, content: role === 'system' ? content : [{ type: 'text', text: content }] };
}

function formatOf({ schema, schemaName }: ChatRequest): object {
  return { responseFormat: { type: 'json', schema, name: schemaName } };
}

function formatOfV1({ schema, schemaName }: ChatRequest): object {
  return { inputFormat: 'prompt', mode: { type: 'object-json', schema, name: schemaName } };
}

interface Generated {
  /** Of v1. */
  readonly text?: unknown;
  /** Of v2 and later. */
  readonly content?: unknown;
  /** Of v4: what of the content is the answer, where that is not all of its texts. */
  readonly structuredOutputText?: unknown;
  readonly usage?: Readonly<Record<string, unknown>>;
}

function replyOf(answer: unknown, id: string): ChatReply {
  const { text, content, structuredOutputText, usage = {} } = (answer ?? {}) as Generated;
  const parts = Array.isArray(content) ? content.filter((part) => part?.type === 'text') : [];
  const chosen = [structuredOutputText, text].find((one) => typeof one === 'string');
  const found = (chosen as string | undefined) ?? parts.map((part) => String(part.text)).join('');
  if (found.trim() === '') {
    const problem = `expected a text from doGenerate, received ${shown(answer)}`;
    throw new DataError(id, problem, 'Check the version of the provider, or allow it a longer answer');
  }
  return {
    text: found,
    promptTokens: tokensOf(usage.inputTokens ?? usage.promptTokens),
    answerTokens: tokensOf(usage.outputTokens ?? usage.completionTokens),
  };
}

/** A number, or `{ total }` since v3. */
function tokensOf(count: unknown): number | null {
  return countOf(typeof count === 'object' && count !== null && 'total' in count ? count.total : count);
}
