import { DataError } from '../../errors.ts';
import { parseAnswer } from './answer.ts';
import { type Answer, type Connection, NoAnswer, post } from './request.ts';
import { askedWait, backoff, isPassing, sleep } from './retry.ts';

/** How patient requests are. */
export interface Patience {
  readonly retries: number;
  readonly maxWaitMs: number;
}

/** What was asked so far. */
export interface ServiceCounts extends Record<string, number> {
  requests: number;
  retries: number;
  /** Tokens that the service counted. */
  tokens: number;
}

/** One endpoint with what requests learn of it: how many texts it takes at a time, and until when it asks to be left alone. */
export class Service {
  readonly counts: ServiceCounts = { requests: 0, retries: 0, tokens: 0 };
  readonly #connection: Connection;
  readonly #patience: Patience;
  #mostTexts = Number.POSITIVE_INFINITY;
  #restUntil = 0;

  constructor(connection: Connection, patience: Patience) {
    this.#connection = connection;
    this.#patience = patience;
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
      const answer = await this.#ask(request(texts), signal);
      if (answer.status >= 200 && answer.status < 300) {
        const { endpoint, redact } = this.#connection;
        const { rows, tokens } = parseAnswer(answer.text, texts.length, endpoint.shown, redact);
        this.counts.tokens += tokens ?? 0;
        return rows;
      }
      if (texts.length === 1 || !isTooMuch(answer)) throw this.#failure(answer);
      this.#mostTexts = Math.ceil(texts.length / 2);
    }
    const middle = Math.ceil(texts.length / 2);
    const first = await this.embed(texts.slice(0, middle), request, signal);
    return [...first, ...(await this.embed(texts.slice(middle), request, signal))];
  }

  /** An answer that will not change by asking again. */
  async #ask(body: object, signal: AbortSignal | undefined): Promise<Answer> {
    const { retries, maxWaitMs } = this.#patience;
    for (let attempt = 0; ; attempt++) {
      await this.#rest(signal);
      this.counts.requests++;
      if (attempt > 0) this.counts.retries++;
      const answer = await post(this.#connection, body, signal).catch((error: unknown) => {
        if (error instanceof NoAnswer) return error;
        throw error;
      });
      const isLast = attempt === retries;
      if (answer instanceof NoAnswer) {
        if (isLast) throw this.#silence(answer);
        await sleep(backoff(attempt), signal);
        continue;
      }
      if (isLast || !isPassing(answer.status, answer.text)) return answer;
      const asked = askedWait(answer.headers, Date.now());
      if (asked !== null && asked > maxWaitMs) return answer;
      this.#restUntil = Math.max(this.#restUntil, Date.now() + (asked ?? backoff(attempt)));
    }
  }

  /** Waits until nobody was asked to wait any longer: what one request is told holds for all. */
  async #rest(signal: AbortSignal | undefined): Promise<void> {
    for (let left = this.#restUntil - Date.now(); left > 0; left = this.#restUntil - Date.now())
      await sleep(left, signal);
  }

  #silence(error: NoAnswer): DataError {
    const { endpoint } = this.#connection;
    const problem = `expected an answer, received: ${error.message}`;
    return new DataError(endpoint.shown, problem, 'Check the address and the connection');
  }

  #failure({ status, headers, text }: Answer): DataError {
    const { endpoint, redact } = this.#connection;
    const asked = askedWait(headers, Date.now());
    const wait = asked === null ? '' : `, to be asked again in ${Math.ceil(asked / 1000)} s`;
    const said = redact(messageOf(text)).slice(0, LONGEST_MESSAGE);
    return new DataError(
      endpoint.shown,
      `expected vectors, received status ${status}${wait}: ${JSON.stringify(said)}`,
      remedyOf(status),
    );
  }
}

const LONGEST_MESSAGE = 300;

/** Whether fewer texts may be taken where these were not. */
function isTooMuch({ status, text }: Answer): boolean {
  if (status === 413) return true;
  return (
    (status === 400 || status === 422) && /batch|too (large|many|long|big)|maximum|at most|exceed/i.test(text)
  );
}

/** What services say is wrong, in the places where they say it; else the whole text. */
function messageOf(text: string): string {
  try {
    const { error, message, detail } = JSON.parse(text);
    const said = error?.message ?? message ?? detail ?? error;
    return typeof said === 'string' ? said : text;
  } catch {
    return text
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  }
}

function remedyOf(status: number): string {
  if (status === 401 || status === 403) return 'Check the API key';
  if (status === 404 || status === 405)
    return 'Check the address, which should end in /v1 or alike, and the model name';
  if (status === 429) return 'Wait, ask for fewer at a time, or raise the limits of the account';
  if (status === 400 || status === 413 || status === 422)
    return 'Check the model name, and whether a text is longer than the model takes';
  return 'Try again later: what is done is kept in a cache';
}
