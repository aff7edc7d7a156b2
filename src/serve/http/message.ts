import { MAX_JSON_DEPTH, nestsDeeper } from '../../format/json.ts';

/**
 * A request as the routes see it, whichever server received it.
 *
 * @example
 * const request: HttpRequest = {
 *   method: 'GET',
 *   url: 'https://api.example/v1/popular?k=3',
 *   header: () => null,
 *   body: null,
 * };
 * const { status } = await createHandler(recommender).answer(request);
 */
export interface HttpRequest {
  readonly method: string;
  /** Path and query, or the whole URL. */
  readonly url: string;
  /** A header by its name in lower case; null where the request has none. */
  header(name: string): string | null;
  /** The body as it arrives; null where there is none. */
  readonly body: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> | null;
}

/**
 * What is sent back.
 *
 * @example
 * const answer: HttpAnswer = await createHandler(recommender).answer({
 *   method: 'GET',
 *   url: 'https://api.example/health',
 *   header: () => null,
 *   body: null,
 * });
 * answer.status; // → 200
 */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** An answer that a route gives instead of a result: see RFC 9457. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, title: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.title = title;
    this.headers = headers;
  }
}

/**
 * The body of a request as JSON.
 * @throws {HttpProblem} 415 for another content type, 413 beyond `maxBytes`, 408 after `timeoutMs`, 400 for what is no
 *   JSON object in UTF-8
 */
export async function readJson(
  request: HttpRequest,
  { maxBytes, timeoutMs }: { readonly maxBytes: number; readonly timeoutMs: number },
): Promise<unknown> {
  const type = request.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new HttpProblem(
      415,
      'Unsupported media type',
      `expected application/json, received ${type || 'no content type'}`,
    );
  const declared = Number(request.header('content-length') ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes, `${declared}`);
  const text = await within(timeoutMs, readText(request.body, maxBytes));
  if (nestsDeeper(text)) throw malformed(`expected JSON that nests at most ${MAX_JSON_DEPTH} deep`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(`expected JSON, received other text (${(error as Error).message})`);
  }
}

async function readText(body: HttpRequest['body'], maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let received = 0;
  try {
    for await (const chunk of body === null ? [] : chunksOf(body)) {
      received += chunk.byteLength;
      if (received > maxBytes) throw tooLarge(maxBytes, 'more');
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw malformed('expected a whole body in UTF-8, received other bytes');
  }
}

/** Reads a stream that may not be iterable, as in Safari. */
async function* chunksOf(
  body: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (Symbol.asyncIterator in body) {
    yield* body;
    return;
  }
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const problem = new HttpProblem(408, 'Request timeout', `expected the body within ${timeoutMs} ms`);
    timer = setTimeout(() => reject(problem), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}

function tooLarge(maxBytes: number, received: string): HttpProblem {
  return new HttpProblem(
    413,
    'Content too large',
    `expected a body of at most ${maxBytes} bytes, received ${received}`,
  );
}

/** 400 for a request that cannot be read. */
export function malformed(detail: string): HttpProblem {
  return new HttpProblem(400, 'Bad request', detail);
}
