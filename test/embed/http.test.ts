import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryCache } from '../../src/embed/cache.ts';
import { embedOverHttp } from '../../src/embed/http.ts';
import { DataError, FormatError, ShapeError } from '../../src/errors.ts';

interface Request {
  url?: string;
  authorization?: string;
  body: { model: string; input: string[] };
}

let server: Server;
let url: string;
let requests: Request[];
/** What the next requests are answered with; the default is one vector [length, position] per text. */
let answer: (request: Request) => { status: number; body: string };

const vectorsOf = ({ body }: Request) => ({
  status: 200,
  body: JSON.stringify({
    data: body.input.map((text, index) => ({ index, embedding: [text.length, index] })),
  }),
});

beforeEach(async () => {
  requests = [];
  answer = vectorsOf;
  server = createServer(async (request, response) => {
    const received = {
      url: request.url,
      authorization: request.headers.authorization,
      body: await readBody(request),
    };
    requests.push(received);
    const { status, body } = answer(received);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

async function readBody(request: IncomingMessage): Promise<Request['body']> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

test('posts the texts batch by batch with model and key, and pairs the vectors with the ids', async () => {
  const options = { url: `${url}/`, model: 'm', apiKey: 'secret', batchSize: 2, ids: ['x', 'y', 'z'] };
  const { ids, width, vectors } = await embedOverHttp(['aaa', 'b', 'cc'], options);
  expect([ids, width, [...vectors]]).toEqual([['x', 'y', 'z'], 2, [3, 0, 1, 1, 2, 0]]);
  expect(requests.map(({ url, authorization }) => [url, authorization])).toEqual([
    ['/v1/embeddings', 'Bearer secret'],
    ['/v1/embeddings', 'Bearer secret'],
  ]);
  expect(requests.map(({ body }) => [body.model, body.input])).toEqual([
    ['m', ['aaa', 'b']],
    ['m', ['cc']],
  ]);
});

test('vectors are put in order by their index', async () => {
  answer = () => ({
    status: 200,
    body: JSON.stringify({
      data: [
        { index: 1, embedding: [2] },
        { index: 0, embedding: [1] },
      ],
    }),
  });
  expect([...(await embedOverHttp(['a', 'b'], { url, model: 'm' })).vectors]).toEqual([1, 2]);
});

test('another status is a DataError with the answer in it and the key not', async () => {
  answer = () => ({ status: 401, body: '{"error":"bad key"}' });
  const call = () => embedOverHttp(['a'], { url, model: 'm', apiKey: 'secret' });
  await expect(call()).rejects.toThrow(DataError);
  await expect(call()).rejects.toThrow(/received 401 Unauthorized: .*bad key.*Check the API key/);
  await expect(call()).rejects.not.toThrow(/secret/);
});

test('another number of vectors is a ShapeError with both counts', async () => {
  answer = () => ({ status: 200, body: '{"data":[{"embedding":[1]}]}' });
  await expect(embedOverHttp(['a', 'b'], { url, model: 'm' })).rejects.toThrow(ShapeError);
  await expect(embedOverHttp(['a', 'b'], { url, model: 'm' })).rejects.toThrow(
    /expected 2 vectors, received 1/,
  );
});

const malformed: [string, string][] = [
  ['no JSON', '<html>'],
  ['no data', '{}'],
  ['null', 'null'],
  ['null entries', '{"data":[null,null]}'],
  ['an index twice', '{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}'],
  ['an index out of range', '{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}'],
  ['a vector of text', '{"data":[{"embedding":["1"]},{"embedding":[1]}]}'],
  ['an empty vector', '{"data":[{"embedding":[]},{"embedding":[]}]}'],
];
test.each(malformed)('an answer with %s is a FormatError', async (_, body) => {
  answer = () => ({ status: 200, body });
  await expect(embedOverHttp(['a', 'b'], { url, model: 'm' })).rejects.toThrow(FormatError);
});

test('vectors of unequal width are a ShapeError', async () => {
  answer = () => ({ status: 200, body: '{"data":[{"embedding":[1]},{"embedding":[1,2]}]}' });
  await expect(embedOverHttp(['a', 'b'], { url, model: 'm' })).rejects.toThrow(/width 1, received 2 for 1/);
});

test('after a failure a second call with the same cache asks only for what is missing', async () => {
  const cache = memoryCache();
  answer = (request) => (requests.length === 1 ? vectorsOf(request) : { status: 429, body: 'slow down' });
  const call = () => embedOverHttp(['aaa', 'b'], { url, model: 'm', batchSize: 1, cache });
  await expect(call()).rejects.toThrow(/429/);
  answer = vectorsOf;
  expect([...(await call()).vectors]).toEqual([3, 0, 1, 0]);
  expect(requests.map(({ body }) => body.input)).toEqual([['aaa'], ['b'], ['b']]);
});

test('an endpoint that is not there is a DataError; an abort stays an abort', async () => {
  await expect(embedOverHttp(['a'], { url: 'http://127.0.0.1:1', model: 'm' })).rejects.toThrow(DataError);
  const controller = new AbortController();
  answer = (request) => {
    controller.abort();
    return vectorsOf(request);
  };
  await expect(embedOverHttp(['a'], { url, model: 'm', signal: controller.signal })).rejects.toThrow(
    /abort/i,
  );
});
