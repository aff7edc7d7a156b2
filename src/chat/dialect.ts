import type { ChatRequest } from './chat.ts';

/**
 * How much of a schema a service is asked to enforce.
 *
 * @example
 * const structure: Structure = 'json_schema';
 * const chat = httpChat({ url: 'http://localhost:11434/v1', model: 'qwen3:8b', structure });
 */
export type Structure = 'json_schema' | 'json_object' | 'none';

/**
 * What of OpenAI's interface a service takes. It is learned from refusals: servers and models differ in whether they
 * enforce a schema, let the temperature be set, and how they call the limit of an answer.
 */
export class Dialect {
  #structure: Structure;
  #takesTemperature = true;
  #takesSeed = true;
  #limitName: 'max_tokens' | 'max_completion_tokens' = 'max_tokens';
  readonly #mayWeaken: boolean;

  /** @param structure null to begin with a schema and to weaken what is refused */
  constructor(structure: Structure | null) {
    this.#structure = structure ?? 'json_schema';
    this.#mayWeaken = structure === null;
  }

  /** The members of a request's body that depend on the dialect. */
  body(
    { schema, schemaName }: ChatRequest,
    settings: { readonly temperature?: number; readonly seed?: number; readonly maxTokens?: number },
  ): Record<string, unknown> {
    const { temperature, seed, maxTokens } = settings;
    return {
      ...(this.#takesTemperature && temperature !== undefined && { temperature }),
      ...(this.#takesSeed && seed !== undefined && { seed }),
      ...(maxTokens !== undefined && { [this.#limitName]: maxTokens }),
      ...(this.#structure === 'json_schema' && {
        response_format: { type: 'json_schema', json_schema: { name: schemaName, strict: true, schema } },
      }),
      ...(this.#structure === 'json_object' && { response_format: { type: 'json_object' } }),
    };
  }

  /** What decides an answer and was learned, so that nothing else need be part of an id. */
  get state(): string {
    return [this.#structure, this.#takesTemperature, this.#takesSeed, this.#limitName].join();
  }

  /**
   * Learns from a refusal.
   * @param asked the state in which the request was made; another request may have learned the same meanwhile
   * @returns whether to ask again
   */
  learn(status: number, text: string, asked: string): boolean {
    if (status !== 400 && status !== 422 && status !== 501) return false;
    if (asked !== this.state) return true;
    if (this.#takesTemperature && /temperature/i.test(text)) this.#takesTemperature = false;
    else if (this.#limitName === 'max_tokens' && /max_completion_tokens/i.test(text))
      this.#limitName = 'max_completion_tokens';
    else if (this.#takesSeed && /\bseed\b/i.test(text)) this.#takesSeed = false;
    else if (
      this.#mayWeaken &&
      this.#structure !== 'none' &&
      /response_format|schema|json|grammar/i.test(text)
    )
      this.#structure = this.#structure === 'json_schema' ? 'json_object' : 'none';
    else return false;
    return true;
  }
}
