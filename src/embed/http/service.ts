import { Caller, isSuccess, type Patience } from '../../remote/caller.ts';
import type { Answer, Connection } from '../../remote/request.ts';
import { parseAnswer } from './answer.ts';

/** What was asked so far. */
export interface ServiceCounts extends Record<string, number> {
  requests: number;
  retries: number;
  /** Tokens that the service counted. */
  tokens: number;
}

/** One endpoint with what requests learn of it: how many texts it takes at a time. */
export class Service {
  readonly counts: ServiceCounts = { requests: 0, retries: 0, tokens: 0 };
  readonly #caller: Caller;
  #mostTexts = Number.POSITIVE_INFINITY;

  constructor(connection: Connection, patience: Patience) {
    this.#caller = new Caller(connection, patience, this.counts);
  }

  /**
   * The vectors of the texts, in as many requests as the service needs.
   * @param request the body for some texts
   */
  async embed(
    texts: readonly string[],
    request: (texts: readonly string[]) => object,
    signal: AbortSignal | undefined,
  ): Promise<readonly Float32Array[]> {
    if (texts.length <= this.#mostTexts) {
      const answer = await this.#caller.ask(request(texts), signal);
      if (isSuccess(answer)) {
        const { where, redact } = this.#caller;
        const { rows, tokens } = parseAnswer(answer.text, texts.length, where, redact);
        this.counts.tokens += tokens ?? 0;
        return rows;
      }
      if (texts.length === 1 || !isTooMuch(answer)) throw this.#caller.failure(answer, 'vectors');
      this.#mostTexts = Math.ceil(texts.length / 2);
    }
    const middle = Math.ceil(texts.length / 2);
    const first = await this.embed(texts.slice(0, middle), request, signal);
    return [...first, ...(await this.embed(texts.slice(middle), request, signal))];
  }
}

/** Whether fewer texts may be taken where these were not. */
function isTooMuch({ status, text }: Answer): boolean {
  if (status === 413) return true;
  return (
    (status === 400 || status === 422) && /batch|too (large|many|long|big)|maximum|at most|exceed/i.test(text)
  );
}
