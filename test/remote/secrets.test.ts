import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { embedOverHttp, httpEmbedder } from '../../src/embed/http/httpEmbedder.ts';
import { keyFor, parseEndpoint } from '../../src/remote/endpoint.ts';
import { headerKey, redactor } from '../../src/remote/secrets.ts';
import { type EmbeddingServer, embeddingServer, sendJson } from '../embed/http/embeddingServer.ts';

const KEY = 'sk-Proj_9fQ2xWb7-LmN4';
/** Runs of six or more characters of the key. */
function leaks(text: string): string[] {
  const lower = text.toLowerCase();
  const parts = Array.from({ length: KEY.length - 5 }, (_, at) => KEY.slice(at, at + 6).toLowerCase());
  return parts.filter((part) => lower.includes(part));
}

describe('redactor', () => {
  const redact = redactor([KEY]);

  test.each([
    [
      'whole',
      `Incorrect API key provided: ${KEY}. See the docs`,
      'Incorrect API key provided: [hidden]. See the docs',
    ],
    ['masked by the service', 'key sk-Proj_9******LmN4', 'key [hidden]******LmN4'],
    ['in capitals', `KEY ${KEY.toUpperCase()}!`, 'KEY [hidden]!'],
    ['in base64', `Basic ${Buffer.from(KEY).toString('base64')}`, 'Basic [hidden]'],
    [
      'escaped as JSON',
      `k ${[...KEY].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join('')} x`,
      'k [hidden] x',
    ],
    ['escaped as HTML', `k ${[...KEY].map((c) => `&#${c.charCodeAt(0)};`).join('')} x`, 'k [hidden] x'],
    [
      'escaped as in an URL',
      `k ${[...KEY].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')} x`,
      'k [hidden] x',
    ],
    ['not at all', 'The model does not exist', 'The model does not exist'],
  ])('hides a key that is there %s', (_, text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  test('leaves no six characters of a key in any text that holds some', () => {
    const piece = fc
      .tuple(fc.nat(KEY.length), fc.nat(KEY.length))
      .map(([a, b]) => KEY.slice(Math.min(a, b), Math.max(a, b)));
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 }))), (parts) => {
        expect(leaks(redact(parts.join('')))).toEqual([]);
      }),
    );
  });
});

describe('headerKey', () => {
  test('drops the line end of a file', () => {
    expect(headerKey(`${KEY}\r\n`)).toBe(KEY);
  });

  test.each([`${KEY}\n${KEY}`, `${KEY} x`, `${KEY}é`, '  '])(
    'refuses what no header takes without showing it',
    (key) => {
      expect(() => headerKey(key)).toThrow(/expected a key of visible ASCII characters/);
      try {
        headerKey(key);
      } catch (error) {
        expect(leaks(String(error))).toEqual([]);
      }
    },
  );
});

describe('keyFor', () => {
  const both = { LLMINIT_API_KEY: 'own', OPENAI_API_KEY: 'openai' };
  test.each([
    ['https://api.openai.com/v1', both, 'own'],
    ['https://api.openai.com/v1', { OPENAI_API_KEY: 'openai' }, 'openai'],
    ['http://api.openai.com/v1', { OPENAI_API_KEY: 'openai' }, undefined],
    ['https://api.openai.com.evil.org/v1', { OPENAI_API_KEY: 'openai' }, undefined],
    ['https://evil.org/api.openai.com', { OPENAI_API_KEY: 'openai' }, undefined],
    ['https://api.openai.com:8443/v1', { OPENAI_API_KEY: 'openai' }, undefined],
    ['https://x@evil.org/v1', { OPENAI_API_KEY: 'openai' }, undefined],
    ['http://localhost:11434/v1', both, 'own'],
    ['https://host/v1', { LLMINIT_API_KEY: '' }, undefined],
  ])('of %s with %j is %s', (address, environment, key) => {
    expect(keyFor(address, environment)).toBe(key);
  });
});

describe('parseEndpoint', () => {
  test('takes user name and password out of the address', () => {
    const { url, shown, basicAuthorization, secrets } = parseEndpoint(
      'https://ann:hunter22@host/v1?key=abcdef123#x',
      '/embeddings',
    );
    expect(url.href).toBe('https://host/v1/embeddings?key=abcdef123');
    expect(shown).toBe('https://host/v1/embeddings');
    expect(basicAuthorization).toBe(`Basic ${Buffer.from('ann:hunter22').toString('base64')}`);
    expect(secrets).toEqual(['hunter22', 'abcdef123']);
  });
});

describe('whatever a service echoes', () => {
  let server: EmbeddingServer;
  beforeEach(async () => {
    server = await embeddingServer();
  });
  afterEach(() => server.close());

  const echoes: [string, EmbeddingServer['answer']][] = [
    [
      'an error with the key',
      (_, response) => sendJson(response, 401, { error: { message: `bad key ${KEY}` } }),
    ],
    ['a status text with the key', (_, response) => response.writeHead(401, `no ${KEY}`).end(KEY)],
    [
      'the whole request',
      ({ authorization, body }, response) => sendJson(response, 400, { authorization, body }),
    ],
    [
      'the key in place of vectors',
      (_, response) => sendJson(response, 200, { data: [{ embedding: KEY, index: KEY }] }),
    ],
    ['a page with the key', (_, response) => response.writeHead(200).end(`<html>${KEY}`)],
    [
      'a redirect with the key',
      (_, response) => response.writeHead(307, { location: `https://${KEY}.org/${KEY}` }).end(),
    ],
    [
      'a redirect that is none',
      (_, response) => response.writeHead(307, { location: `http://[${KEY}` }).end(),
    ],
    [
      'a broken length',
      (_, response) => response.writeHead(200, { 'content-length': '5', 'x-key': KEY }).end(KEY),
    ],
  ];
  test.each(echoes)('%s: no error, cause or name of it holds the key', async (_, answer) => {
    server.answer = answer;
    const call = embedOverHttp(['a'], { url: server.url, model: 'm', apiKey: KEY, retries: 0 });
    const error = await call.catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(Error);
    const { inspect } = await import('node:util');
    expect(leaks(inspect(error, { depth: 10 }))).toEqual([]);
  });

  test('neither does the embedder when it is printed, nor its id', async () => {
    const { inspect } = await import('node:util');
    const address = server.url.replace('//', `//ann:${KEY}@`);
    const embedder = httpEmbedder({ url: address, model: 'm', apiKey: KEY, headers: { 'api-key': KEY } });
    await embedder.embed(['a']);
    expect(leaks(inspect(embedder, { depth: 10, showHidden: true }) + JSON.stringify(embedder))).toEqual([]);
    expect(server.requests[0].authorization).toBe(`Bearer ${KEY}`);
  });
});
