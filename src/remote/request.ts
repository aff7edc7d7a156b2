import { DataError } from '../errors.ts';
import { readBody } from './body.ts';
import type { Endpoint } from './endpoint.ts';

/** What stays the same from one request to the next. */
export interface Connection {
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Hides the key in what others say. */
  readonly redact: (text: string) => string;
}

/** An answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** No answer: the connection failed, or it took too long. */
export class NoAnswer extends Error {}

const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 307, 308]);

/**
 * Posts JSON and reads the answer, all within the time limit. Follows redirects within the origin, so that no header
 * reaches anyone else.
 *
 * @throws {NoAnswer} when the connection fails, or the answer is not complete in time
 * @throws {DataError} a redirect to another origin; an answer that is too long
 * @throws the signal's reason
 */
export async function post(
  { endpoint, headers, timeoutMs, maxAnswerBytes, redact }: Connection,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const stop = () => controller.abort(signal!.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(
    () => controller.abort(new NoAnswer(`no answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    const response = await follow(endpoint, redact, (url) =>
      fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: controller.signal,
      }),
    );
    const text = await readBody(response, maxAnswerBytes, endpoint.shown);
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DataError) throw error;
    if (controller.signal.aborted) throw controller.signal.reason;
    // No cause: it may hold the request with its headers.
    throw new NoAnswer(redact(reasonOf(error)));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

async function follow(
  { url, shown }: Endpoint,
  redact: (text: string) => string,
  send: (url: URL) => Promise<Response>,
): Promise<Response> {
  let target = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await send(target);
    // Pages see nothing of a redirect but that there was one.
    if (response.type === 'opaqueredirect') throw refusedRedirect(shown, 'another address');
    if (!REDIRECTS.has(response.status)) return response;
    const location = response.headers.get('location') ?? '';
    await response.body?.cancel();
    const next = URL.canParse(location, target) ? new URL(location, target) : null;
    if (next?.origin !== target.origin) throw refusedRedirect(shown, redact(next ? next.origin : location));
    target = next;
  }
  throw new DataError(
    shown,
    `expected an answer, received ${MOST_REDIRECTS + 1} redirects`,
    'Check the address',
  );
}

function refusedRedirect(where: string, to: string): DataError {
  return new DataError(
    where,
    `expected an answer, received a redirect to ${to}, which would get the key and the texts`,
    'Pass that address if you trust it',
  );
}

/** fetch says "fetch failed"; why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== ''
    ? `${error.message} (${cause.message})`
    : error.message;
}
