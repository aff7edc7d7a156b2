import { DataError } from '../errors.ts';
import { type Answer, type Connection, NoAnswer, post } from './request.ts';
import { askedWait, backoff, isPassing, sleep } from './retry.ts';

/** How patient requests are. */
export interface Patience {
  readonly retries: number;
  readonly maxWaitMs: number;
}

/** What was asked so far. */
export interface CallCounts {
  requests: number;
  retries: number;
}

/** One endpoint with what requests learn of it: until when it asks to be left alone. */
export class Caller {
  readonly #connection: Connection;
  readonly #patience: Patience;
  readonly #counts: CallCounts;
  #restUntil = 0;

  /** @param counts are added to */
  constructor(connection: Connection, patience: Patience, counts: CallCounts) {
    this.#connection = connection;
    this.#patience = patience;
    this.#counts = counts;
  }

  /** Where requests go, without what is secret. */
  get where(): string {
    return this.#connection.endpoint.shown;
  }

  /** Hides the key in what others say. */
  get redact(): (text: string) => string {
    return this.#connection.redact;
  }

  /**
   * An answer that will not change by asking again; of any status.
   * @throws {DataError} where none comes after all attempts, and as `post`
   */
  async ask(body: object, signal: AbortSignal | undefined): Promise<Answer> {
    const { retries, maxWaitMs } = this.#patience;
    for (let attempt = 0; ; attempt++) {
      await this.#rest(signal);
      this.#counts.requests++;
      if (attempt > 0) this.#counts.retries++;
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

  /** What an answer of a status that is none of success means. @param expected e.g. `vectors` */
  failure({ status, headers, text }: Answer, expected: string): DataError {
    const asked = askedWait(headers, Date.now());
    const wait = asked === null ? '' : `, to be asked again in ${Math.ceil(asked / 1000)} s`;
    const said = this.redact(messageOf(text)).slice(0, LONGEST_MESSAGE);
    const problem = `expected ${expected}, received status ${status}${wait}: ${JSON.stringify(said)}`;
    return new DataError(this.where, problem, remedyOf(status));
  }

  /** Waits until nobody was asked to wait any longer: what one request is told holds for all. */
  async #rest(signal: AbortSignal | undefined): Promise<void> {
    for (let left = this.#restUntil - Date.now(); left > 0; left = this.#restUntil - Date.now())
      await sleep(left, signal);
  }

  #silence(error: NoAnswer): DataError {
    const problem = `expected an answer, received: ${error.message}`;
    return new DataError(this.where, problem, 'Check the address and the connection');
  }
}

/** Whether a status is one of success. */
export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

const LONGEST_MESSAGE = 300;

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
