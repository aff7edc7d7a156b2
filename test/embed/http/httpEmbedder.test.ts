import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryCache } from '../../../src/embed/cache.ts';
import {
  type EmbedOverHttpOptions,
  embedOverHttp,
  httpEmbedder,
} from '../../../src/embed/http/httpEmbedder.ts';
import { DataError, FormatError, OptionError, ShapeError } from '../../../src/errors.ts';
import {
  answerVectors,
  type EmbeddingServer,
  embeddingServer,
  sendJson,
  vectorOf,
} from './embeddingServer.ts';

let server: EmbeddingServer;
beforeEach(async () => {
  server = await embeddingServer();
});
afterEach(() => server.close());

const embed = (texts: readonly string[], options: Partial<EmbedOverHttpOptions> = {}) =>
  embedOverHttp(texts, { url: server.url, model: 'm', retries: 0, ...options });
const inputs = () => server.requests.map(({ body }) => body.input);
/** Answers one after the other, the last one again and again. */
const inTurn = (...answers: EmbeddingServer['answer'][]) => {
  server.answer = (...request) => answers[Math.min(server.requests.length, answers.length) - 1](...request);
};

describe('requests', () => {
  test('hold a batch of texts with model and key; vectors are paired with the ids', async () => {
    const options = { url: `${server.url}/`, apiKey: 'secret-key', batchSize: 2, ids: ['x', 'y', 'z'] };
    const { ids, width, vectors } = await embed(['aaa', 'b', 'cc'], options);
    expect([ids, width]).toEqual([['x', 'y', 'z'], 4]);
    expect(vectors).toEqual(Float32Array.from(['aaa', 'b', 'cc'].flatMap(vectorOf)));
    expect(server.requests.map(({ url, authorization }) => [url, authorization])).toEqual([
      ['/v1/embeddings', 'Bearer secret-key'],
      ['/v1/embeddings', 'Bearer secret-key'],
    ]);
    expect(server.requests.map(({ body }) => body)).toEqual([
      { model: 'm', input: ['aaa', 'b'], encoding_format: 'float' },
      { model: 'm', input: ['cc'], encoding_format: 'float' },
    ]);
  });

  test('go to an address with its query, with or without /embeddings, and with headers of the caller', async () => {
    for (const url of [`${server.url}?api-version=2024`, `${server.url}/embeddings/?api-version=2024`])
      await embed(['a'], { url, headers: { Authorization: 'Custom abc' }, apiKey: 'secret-key' });
    expect(server.requests.map(({ url, authorization }) => [url, authorization])).toEqual([
      ['/v1/embeddings?api-version=2024', 'Custom abc'],
      ['/v1/embeddings?api-version=2024', 'Custom abc'],
    ]);
  });

  test('hold the prefix and the dimensions, which the name tells', async () => {
    server.answer = ({ body }, response) =>
      sendJson(response, 200, { data: body.input.map(() => ({ embedding: [1, 2] })) });
    const { source } = await embed(['a'], { prefix: 'passage: ', dimensions: 2 });
    expect(server.requests[0].body).toMatchObject({ input: ['passage: a'], dimensions: 2 });
    expect(source).toBe(`${server.url}/embeddings, m, 2 dimensions, prefix "passage: "`);
  });

  test('are several at a time; answers may come out of order', async () => {
    let running = 0;
    let most = 0;
    server.answer = async (request, response, raw) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 40 - 10 * server.requests.length));
      running--;
      return answerVectors(request, response, raw);
    };
    const texts = ['aaa', 'b', 'cc', 'dddd', 'e'];
    const { vectors } = await embed(texts, { batchSize: 1, concurrency: 3 });
    expect(vectors).toEqual(Float32Array.from(texts.flatMap(vectorOf)));
    expect(most).toBe(3);
  });

  test('count the tokens that the service counted', async () => {
    const embedder = httpEmbedder({ url: server.url, model: 'm' });
    await embedder.embed(['a', 'b']);
    await embedder.embed(['c']);
    expect(embedder.counts).toEqual({ requests: 2, retries: 0, tokens: 6 });
  });
});

describe('answers', () => {
  const answering = (body: unknown) => {
    server.answer = (_, response) => sendJson(response, 200, body);
  };

  test('are put in order by their index', async () => {
    answering({
      data: [
        { index: 1, embedding: [2] },
        { index: 0, embedding: [1] },
      ],
    });
    expect([...(await embed(['a', 'b'])).vectors]).toEqual([1, 2]);
  });

  test('may be base64 of little-endian float32, asked for or not', async () => {
    const bytes = Buffer.from(Float32Array.of(1.5, -2, 0.1).buffer);
    answering({ data: [{ embedding: bytes.toString('base64') }] });
    expect([...(await embed(['a'], { encodingFormat: 'base64' })).vectors]).toEqual([
      1.5,
      -2,
      Math.fround(0.1),
    ]);
    expect(server.requests[0].body.encoding_format).toBe('base64');
    expect((await embed(['a'])).width).toBe(3);
  });

  const malformed: [string, unknown][] = [
    ['no data', {}],
    ['null', null],
    ['null entries', { data: [null, null] }],
    [
      'an index twice',
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 0, embedding: [1] },
        ],
      },
    ],
    [
      'an index out of range',
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 2, embedding: [1] },
        ],
      },
    ],
    [
      'a negative index',
      {
        data: [
          { index: -1, embedding: [1] },
          { index: 0, embedding: [1] },
        ],
      },
    ],
    ['a vector of texts', { data: [{ embedding: ['1'] }, { embedding: [1] }] }],
    ['an empty vector', { data: [{ embedding: [] }, { embedding: [] }] }],
    ['base64 of half a number', { data: [{ embedding: 'AAA=' }, { embedding: 'AAA=' }] }],
  ];
  test.each(malformed)('with %s are a FormatError', async (_, body) => {
    answering(body);
    await expect(embed(['a', 'b'])).rejects.toThrow(FormatError);
  });

  test('that are a page of HTML say so', async () => {
    server.answer = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><h1>Hi</h1>');
    await expect(embed(['a'])).rejects.toThrow(/received a page of HTML: .*should end in \/v1/);
  });

  test('of another number or width are a ShapeError with both', async () => {
    answering({ data: [{ embedding: [1] }] });
    await expect(embed(['a', 'b'])).rejects.toThrow(ShapeError);
    await expect(embed(['a', 'b'])).rejects.toThrow(/expected 2 vectors, received 1/);
    answering({ data: [{ embedding: [1] }, { embedding: [1, 2] }] });
    await expect(embed(['a', 'b'])).rejects.toThrow(/width 1, received 2 for 1/);
    answering({ data: [{ embedding: [1, 2, 3] }] });
    await expect(embed(['a'], { dimensions: 2 })).rejects.toThrow(
      /expected 2 dimensions as asked for, received 3/,
    );
  });

  test('are read no further than allowed, with or without their length', async () => {
    let sent = 0;
    server.answer = async (_, response) => {
      response.writeHead(200);
      const block = Buffer.alloc(2 ** 16, ' ');
      // 700 MB, unless the other side goes away.
      for (; sent < 7e8 && !response.destroyed; sent += block.length)
        if (!response.write(block)) await new Promise((resolve) => setTimeout(resolve, 1));
      response.end();
    };
    await expect(embed(['a'], { maxAnswerBytes: 2 ** 20 })).rejects.toThrow(
      /at most 1048576 bytes, received more/,
    );
    expect(sent).toBeLessThan(2 ** 26);
    server.answer = (_, response) => response.writeHead(200, { 'content-length': 7e8 }).write('{');
    await expect(embed(['a'], { maxAnswerBytes: 2 ** 20 })).rejects.toThrow(DataError);
  });
});

describe('failures that may pass', () => {
  test('are asked again: a busy service, a broken connection, an unavailable one', async () => {
    inTurn(
      (_, response) => sendJson(response, 503, { error: { message: 'loading' } }, { 'retry-after-ms': '5' }),
      (_, response) => void response.destroy(),
      (_, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{"data":');
        setTimeout(() => response.destroy(), 5);
      },
      answerVectors,
    );
    const embedder = httpEmbedder({ url: server.url, model: 'm' });
    expect(await embedder.embed(['aaa'])).toEqual([Float32Array.from(vectorOf('aaa'))]);
    expect(embedder.counts).toMatchObject({ requests: 4, retries: 3 });
  });

  test('are asked again no sooner than Retry-After says, by any request', async () => {
    const times: number[] = [];
    server.answer = (request, response, raw) => {
      times.push(performance.now());
      if (times.length === 1) return sendJson(response, 429, {}, { 'retry-after': '0.4' });
      return answerVectors(request, response, raw);
    };
    const texts = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { vectors } = await embed(texts, { batchSize: 1, concurrency: 2, retries: 2 });
    expect(vectors).toEqual(Float32Array.from(texts.flatMap(vectorOf)));
    // The second was under way when the first was told; all others came after.
    for (const time of times.slice(2)) expect(time - times[0]).toBeGreaterThan(390);
  });

  test('end at once when the service asks for longer than one would wait, or the account has no credit', async () => {
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    server.answer = (_, response) =>
      sendJson(response, 429, { error: { message: 'daily limit' } }, { 'retry-after': later });
    const call = embed(['a'], { retries: 3 });
    await expect(call).rejects.toThrow(/status 429, to be asked again in 3\d\d\d s: "daily limit"/);
    server.answer = (_, response) => sendJson(response, 429, { error: { code: 'insufficient_quota' } });
    await expect(embed(['a'], { retries: 3 })).rejects.toThrow(/insufficient_quota/);
    expect(server.requests).toHaveLength(2);
  });

  test('end after the last attempt, with what the service said', async () => {
    server.answer = (_, response) =>
      sendJson(response, 500, { detail: 'no memory' }, { 'retry-after-ms': '1' });
    await expect(embed(['a'], { retries: 2 })).rejects.toThrow(/status 500.*: "no memory"/);
    expect(server.requests).toHaveLength(3);
  });

  test('are a service that says nothing, or too slowly', async () => {
    server.answer = () => {};
    await expect(embed(['a'], { timeoutMs: 60 })).rejects.toThrow(
      /expected an answer, received: no answer within 60 ms/,
    );
    server.answer = async (_, response) => {
      response.writeHead(200);
      for (let n = 0; n < 100 && !response.destroyed; n++) {
        response.write(' ');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await expect(embed(['a'], { timeoutMs: 100 })).rejects.toThrow(DataError);
  });

  test('of an endpoint that is not there tell why', async () => {
    const call = embed(['a'], { url: 'http://127.0.0.1:9/v1' });
    await expect(call).rejects.toThrow(DataError);
    await expect(call).rejects.toThrow(/ECONNREFUSED|bad port/);
  });

  test('keep what was done: a second call with the cache asks for the rest only', async () => {
    const cache = memoryCache();
    inTurn(answerVectors, (_, response) => sendJson(response, 500, {}));
    const options = { batchSize: 1, concurrency: 1, cache };
    await expect(embed(['aaa', 'b'], options)).rejects.toThrow(/500/);
    server.answer = answerVectors;
    expect((await embed(['aaa', 'b'], options)).vectors).toEqual(
      Float32Array.from(['aaa', 'b'].flatMap(vectorOf)),
    );
    expect(inputs()).toEqual([['aaa'], ['b'], ['b']]);
  });
});

describe('an abort', () => {
  test.each([
    ['an answer that does not come', () => {}],
    [
      'a wait between attempts',
      (_: unknown, response: import('node:http').ServerResponse) =>
        sendJson(response, 429, {}, { 'retry-after': '60' }),
    ],
  ] as [string, EmbeddingServer['answer']][])('ends %s at once', async (_, answer) => {
    server.answer = answer;
    const controller = new AbortController();
    const call = embed(['a'], { signal: controller.signal, retries: 5 });
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(call).rejects.toThrow('enough');
  });
});

describe('batches that the service does not take', () => {
  test('are halved, and later ones as well', async () => {
    server.answer = (request, response, raw) =>
      request.body.input.length > 2
        ? sendJson(response, 422, {
            error: 'batch size 8 > maximum allowed batch size 2',
            type: 'Validation',
          })
        : answerVectors(request, response, raw);
    const embedder = httpEmbedder({ url: server.url, model: 'm' });
    const texts = ['a', 'bb', 'ccc', 'd', 'ee', 'fff', 'g', 'hh'];
    expect(await embedder.embed(texts)).toEqual(texts.map((text) => Float32Array.from(vectorOf(text))));
    await embedder.embed(texts.slice(0, 4));
    expect(inputs().map(({ length }) => length)).toEqual([8, 4, 2, 2, 2, 2, 2, 2]);
  });

  test('of one text are an error that says what may be wrong with it', async () => {
    server.answer = (request, response, raw) =>
      request.body.input.some((text) => text.length > 10)
        ? sendJson(response, 400, {
            error: { message: "This model's maximum context length is 8192 tokens" },
          })
        : answerVectors(request, response, raw);
    const call = embed(['a', 'b'.repeat(11), 'c']);
    await expect(call).rejects.toThrow(
      /status 400: "This model's maximum context.*longer than the model takes/,
    );
  });
});

describe('redirects', () => {
  test('within the origin are followed with all that was sent', async () => {
    server.answer = (request, response, raw) =>
      request.url.startsWith('/v1')
        ? response.writeHead(308, { location: '/v2/embeddings' }).end()
        : answerVectors(request, response, raw);
    await embed(['a'], { apiKey: 'secret-key' });
    expect(server.requests.map(({ url, authorization }) => [url, authorization])).toEqual([
      ['/v1/embeddings', 'Bearer secret-key'],
      ['/v2/embeddings', 'Bearer secret-key'],
    ]);
    server.answer = (_, response) => response.writeHead(307, { location: '/v1/embeddings' }).end();
    await expect(embed(['a'])).rejects.toThrow(/4 redirects/);
  });

  test('to another origin are refused, and nobody there is asked', async () => {
    const other = await embeddingServer();
    server.answer = (_, response) =>
      response.writeHead(307, { location: `${other.url}/embeddings?key=secret-key` }).end();
    const call = embed(['a'], { apiKey: 'secret-key' });
    await expect(call).rejects.toThrow(/a redirect to http:\/\/127.0.0.1:\d+, which would get the key/);
    expect(other.requests).toEqual([]);
    await other.close();
  });
});

describe('wrong options', () => {
  test.each([
    [{ url: 'ftp://host' }, /address like https:\/\/host\/v1/],
    [{ url: 'https://ann:hunter22@' }, /received "https:\/\/\[hidden\]@"/],
    [{ url: ' ' }, /expected url to be a text, received a blank one/],
    [{ model: '' }, /model/],
    [{ dimensions: 0 }, /dimensions/],
    [{ timeoutMs: 0.5 }, /timeoutMs/],
    [{ encodingFormat: 'hex' }, /float \| base64/],
    [{ retrys: 1 }, /retries/],
    [{ headers: { 'x-shop': 'a\nb' } }, /header "x-shop"/],
  ])('%j are refused before anything is asked', async (options, message) => {
    const call = embed(['a'], options as Partial<EmbedOverHttpOptions>);
    await expect(call).rejects.toThrow(OptionError);
    await expect(call).rejects.toThrow(message);
    expect(server.requests).toEqual([]);
  });
});
