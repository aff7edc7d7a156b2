import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { factorModel } from './sampleModels.ts';

const bytes = encodeModel(factorModel());
let server: Server;
let base: string;
let asked = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked++;
    if (request.url === '/model') response.end(bytes);
    else if (request.url === '/cut') response.end(bytes.subarray(0, 3000));
    else if (request.url === '/slow') response.write(bytes.subarray(0, 2000));
    else if (request.url === '/page') response.end('<!doctype html><p>hello');
    else response.writeHead(404, { 'content-type': 'text/html' }).end('<html>no</html>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('fromUrl', () => {
  it('opens what it fetches, and says how far it is', async () => {
    const seen: { done: number; total: number | null }[] = [];
    const recommender = await Recommender.fromUrl(`${base}/model`, {
      onProgress: (progress) => seen.push(progress),
    });
    expect(recommender.encode()).toEqual(bytes);
    expect(seen.at(-1)).toEqual({ done: bytes.length, total: bytes.length });
  });

  it('reads streams of bytes into one buffer, streams of pieces as they come, and leaves their bytes alone', async () => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / 777) }, (_, n) =>
      bytes.slice(n * 777, (n + 1) * 777),
    );
    const buffers = new Set<ArrayBufferLike>();
    let next = 0;
    const ofBytes = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        const request = controller.byobRequest;
        const view = request?.view as Uint8Array;
        buffers.add(view.buffer);
        if (next === pieces.length) {
          controller.close();
          request?.respond(0);
          return;
        }
        view.set(pieces[next]);
        request?.respond(pieces[next++].length);
      },
    });
    const ofPieces = new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
    for (const stream of [ofBytes, ofPieces]) {
      const fetch = async () => new Response(stream);
      expect((await Recommender.fromUrl('a model', { fetch })).encode()).toEqual(bytes);
    }
    expect(pieces.every(({ length }, n) => length === Math.min(777, bytes.length - n * 777))).toBe(true);
    expect(buffers.size).toBeGreaterThan(0);
  });

  it('hands the answer to the cache and reads it there; asks again where the cache keeps nothing', async () => {
    const before = asked;
    const cache = { match: async () => undefined, put: async () => undefined };
    expect((await Recommender.fromUrl(`${base}/model`, { cache })).encode()).toEqual(bytes);
    expect(asked).toBe(before + 2);
  });

  it('fetches once for callers that come together', async () => {
    const before = asked;
    const [a, b] = await Promise.all([
      Recommender.fromUrl(`${base}/model`),
      Recommender.fromUrl(new URL('/model', base)),
    ]);
    expect(a).toBe(b);
    expect(asked).toBe(before + 1);
  });

  it('keeps what it fetched in a cache, and asks that first', async () => {
    const kept = new Map<string, Response>();
    const cache = {
      match: async (url: string) => kept.get(url)?.clone(),
      put: async (url: string, response: Response) =>
        void kept.set(url, new Response(await response.arrayBuffer())),
    };
    const before = asked;
    for (let n = 0; n < 3; n++) {
      const recommender = await Recommender.fromUrl(`${base}/model`, { cache });
      expect(recommender.recommend('user 1').length).toBe(10);
    }
    expect(asked).toBe(before + 1);
  });

  it('says what it got in the place of a model, without what may be a secret', async () => {
    const from = (path: string, options = {}) => Recommender.fromUrl(`${base}${path}`, options);
    await expect(from('/none?key=secret')).rejects.toThrow(FormatError);
    await expect(from('/none?key=secret')).rejects.toThrow(
      /\/none: expected status 200, received 404 Not Found with text\/html/,
    );
    await expect(from('/page')).rejects.toThrow(/received HTML/);
    await expect(from('/cut')).rejects.toThrow(/received 3000\. The file is truncated/);
    for (const wrong of [7, 'model.safetensors', 'http://'] as never[])
      expect(() => Recommender.fromUrl(wrong)).toThrow(OptionError);
  });

  it('can be called off', async () => {
    const controller = new AbortController();
    const fetching = Recommender.fromUrl(`${base}/slow`, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(fetching).rejects.toThrow('enough');
  });
});
