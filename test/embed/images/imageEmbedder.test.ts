import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as xenova from '@xenova/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embedInBatches } from '../../../src/embed/batches.ts';
import { memoryCache } from '../../../src/embed/cache.ts';
import { combineEmbeddings } from '../../../src/embed/combine.ts';
import { toEmbedder } from '../../../src/embed/foreign/toEmbedder.ts';
import { imageEmbedder } from '../../../src/embed/images/imageEmbedder.ts';
import type { ImageEmbedderOptions, VisionModule } from '../../../src/embed/images/options.ts';
import { lexicalEmbeddings } from '../../../src/embed/lexical/lexicalEmbeddings.ts';
import { DataError, OptionError, UnsupportedError } from '../../../src/errors.ts';
import { openSource } from '../../../src/node.ts';
import { type TinyModels, writeTinyModels } from '../tinyModel.ts';
import { difference } from '../transformers/direct.ts';
import { dataUrl, png, pngOf } from './pictures.ts';

const module = xenova as unknown as VisionModule;
let models: TinyModels;
const path = (name: string) => join(models.folder, 'pictures', name);
beforeAll(() => {
  models = writeTinyModels({ tiny: 'clip-vision' });
  mkdirSync(path(''));
  writeFileSync(path('red.png'), png(40, 30, [200, 10, 10]));
  writeFileSync(path('blue.png'), png(30, 40, [10, 10, 200]));
  writeFileSync(path('green.png'), png(33, 32, [10, 200, 10]));
});
afterAll(() => models.remove());

const open = (options: ImageEmbedderOptions = {}) =>
  imageEmbedder({
    model: 'tiny',
    modelFolder: models.folder,
    module,
    openFile: openSource,
    folder: path(''),
    ...options,
  });

describe('with a real ONNX model', () => {
  it('gives the vectors of the pipeline, at norm 1', async () => {
    const rows = await open().embed(['red.png', 'blue.png']);
    const extract = await module.pipeline('image-feature-extraction', 'tiny', { quantized: false });
    for (const [n, name] of ['red.png', 'blue.png'].entries()) {
      const { data, dims } = await extract([await xenova.RawImage.read(path(name))]);
      expect(dims).toEqual([1, 24]);
      const norm = Math.hypot(...Array.from(data, Number));
      expect(
        difference(
          rows[n]!,
          Array.from(data, (value) => Number(value) / norm),
        ),
      ).toBeLessThan(1e-5);
    }
    expect(difference(rows[0]!, rows[1]!)).toBeGreaterThan(0.01);
  });

  it('reads paths, absolute ones, data: and http: addresses alike', async () => {
    const bytes = png(40, 30, [200, 10, 10]);
    const server = await serve((_, response) => response.end(bytes));
    const [expected, ...others] = await open().embed([
      'red.png',
      path('red.png'),
      dataUrl(bytes),
      `${server.url}/red`,
    ]);
    for (const row of others) expect(difference(row!, expected!)).toBeLessThan(1e-6);
    await server.close();
  });

  it('knows a cached file by its bytes: one that changed is embedded again, the others are not', async () => {
    const cache = memoryCache();
    const embedder = open();
    const asked: string[][] = [];
    const watched = {
      ...embedder,
      embed: (...call: Parameters<typeof embedder.embed>) => {
        asked.push([...call[0]]);
        return embedder.embed(...call);
      },
    };
    writeFileSync(path('changing.png'), png(20, 20, [1, 2, 3]));
    const references = ['red.png', 'changing.png'];
    const first = await embedInBatches(references, watched, { cache });
    await embedInBatches(references, watched, { cache });
    expect(asked).toEqual([references]);
    writeFileSync(path('changing.png'), png(20, 20, [200, 2, 3]));
    const again = await embedInBatches(references, watched, { cache });
    expect(asked.slice(1)).toEqual([['changing.png']]);
    expect(again.vectors.slice(0, 24)).toEqual(first.vectors.slice(0, 24));
    expect(again.vectors.slice(24)).not.toEqual(first.vectors.slice(24));
    expect(await toEmbedder(watched, { batchSize: 1 }).contents!(['red.png'])).toEqual(
      await embedder.contents!(['red.png']),
    );
  });

  it('stands beside lexical vectors of the texts', async () => {
    const ids = ['r', 'b', 'g'];
    const pictures = await embedInBatches(['red.png', 'blue.png', 'green.png'], open(), { ids });
    const texts = ['red ink pen', 'blue ink pen', 'green oak desk'];
    const { embeddings } = await lexicalEmbeddings(ids, texts, { dim: 4 });
    const both = combineEmbeddings([{ embeddings }, { embeddings: pictures, weight: 0.5 }], ids);
    expect(both).toMatchObject({ ids, width: embeddings.width + 24 });
    expect(both.source).toContain('images: tiny, float32, normalized');
  });

  it('passes Blobs to a pipeline that comes without a module', async () => {
    const given: unknown[] = [];
    const pipeline = async (pictures: unknown[]) => {
      given.push(...pictures);
      return { dims: [pictures.length, 2, 2], data: Float32Array.from(pictures.flatMap(() => [3, 4, 9, 9])) };
    };
    const rows = await imageEmbedder({ pipeline, openFile: openSource }).embed([path('red.png')]);
    expect(given[0]).toBeInstanceOf(Blob);
    expect(Array.from(rows[0]!, (value) => Number(value.toFixed(6)))).toEqual([0.6, 0.8]);
  });
});

describe('an image that cannot be used is a DataError that names its item', () => {
  const bad: Record<string, () => string | Promise<string>> = {
    'a missing file': () => 'missing.png',
    'no image': () => {
      writeFileSync(path('page.png'), '<!doctype html><title>Not found</title>');
      return 'page.png';
    },
    'an empty file': () => {
      writeFileSync(path('empty.png'), '');
      return 'empty.png';
    },
    'an image cut off': () => {
      writeFileSync(path('half.png'), png(64, 64, [1, 2, 3]).slice(0, 60));
      return 'half.png';
    },
    'an image of 60,000 × 60,000 pixels': () => {
      writeFileSync(path('bomb.png'), pngOf(60_000, 60_000, new Uint8Array(10)));
      return 'bomb.png';
    },
    'data that is no base64': () => 'data:image/png;base64,@@@',
    'a folder': () => '.',
  };
  const words: Record<string, RegExp> = {
    'a missing file': /image of B7: .+a path that does not exist/,
    'no image': /image of B7: expected an image \(PNG.+received 39 bytes that begin with "<!doctype ht"/,
    'an empty file': /image of B7: .+received 0 bytes/,
    'an image cut off': /image of B7: /,
    'an image of 60,000 × 60,000 pixels': /image of B7: .+received 60000 × 60000/,
    'data that is no base64': /image of B7: .+received "@@@"/,
    'a folder': /image of B7: .+received a folder/,
  };
  it.each(Object.keys(bad))('%s', async (name) => {
    const reference = await bad[name]();
    const call = embedInBatches(['red.png', reference], open(), { ids: ['B6', 'B7'] });
    const error = await call.catch((reason) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(words[name]);
    const skipping = open({ onBadImage: 'skip' });
    expect((await embedInBatches(['red.png', reference], skipping, { ids: ['B6', 'B7'] })).ids).toEqual([
      'B6',
    ]);
    expect(skipping.counts).toEqual({ skipped: 1 });
  });

  it('a file of more bytes than allowed, which is not read to its end', async () => {
    let read = 0;
    const openFile = async function* () {
      for (; read < 1000; read++) yield new Uint8Array(1 << 20);
    };
    await expect(open({ openFile }).embed(['film.mov'], { ids: ['B7'] })).rejects.toThrow(
      /image of B7: expected an image of at most 33554432 bytes/,
    );
    expect(read).toBeLessThan(40);
  });

  it('vectors of the images before it are in the cache', async () => {
    const cache = memoryCache();
    const references = ['red.png', 'blue.png', 'missing.png'];
    const options = { cache, batchSize: 1 };
    await expect(embedInBatches(references, open(), options)).rejects.toThrow(DataError);
    const pipeline = () => Promise.reject(new Error('asked again'));
    const known = { ...open(), embed: pipeline };
    expect((await embedInBatches(references.slice(0, 2), known, options)).ids).toHaveLength(2);
  });

  it('a path where no files can be read, and a model that is not there, are UnsupportedErrors', async () => {
    await expect(open({ openFile: undefined, onBadImage: 'skip' }).embed(['red.png'])).rejects.toThrow(
      UnsupportedError,
    );
    await expect(open({ model: 'missing' }).embed(['red.png'])).rejects.toThrow(/load the model missing/);
    expect(() => imageEmbedder({ maxBytes: 0 })).toThrow(OptionError);
    expect(() => imageEmbedder({ modle: 'x' } as object)).toThrow(/modle/);
  });
});

describe('a server of images', () => {
  const get = async (answer: RequestListener, options: ImageEmbedderOptions = {}) => {
    const server = await serve(answer);
    const call = await open(options)
      .embed([`${server.url}/p`], { ids: ['B7'] })
      .then(
        (rows) => rows,
        (error) => error,
      );
    await server.close();
    return call;
  };

  it('that is busy is asked again, after as long as it asks to wait', async () => {
    let requests = 0;
    const rows = await get((_, response) => {
      if (requests++ > 0) response.end(png(20, 20, [9, 9, 9]));
      else response.writeHead(503, { 'retry-after': '0' }).end();
    });
    expect([requests, rows[0].length]).toEqual([2, 24]);
  });

  it('that has none is asked once', async () => {
    let requests = 0;
    const error = await get((_, response) => {
      requests++;
      response.writeHead(404).end('no');
    });
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/image of B7: .+received status 404/);
    expect(requests).toBe(1);
  });

  it('that says or sends more bytes than allowed is left', async () => {
    const limit = { maxBytes: 1000 };
    const said = await get(
      (_, response) => response.writeHead(200, { 'content-length': '700000000' }).end(),
      limit,
    );
    expect(said.message).toMatch(/at most 1000 bytes, received 700000000/);
    const sent = await get((_, response) => response.end(Buffer.alloc(100_000)), limit);
    expect(sent.message).toMatch(/at most 1000 bytes/);
  });

  it('that hangs or drips is left after the time limit, and an address where nothing answers is named', async () => {
    const limits = { timeoutMs: 150, retries: 0 };
    const hung = await get(() => {}, limits);
    expect(hung.message).toMatch(/no whole answer within 150 ms/);
    const dripped = await get((_, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    }, limits);
    expect(dripped.message).toMatch(/no whole answer within 150 ms/);
    await expect(open({ retries: 0 }).embed(['http://127.0.0.1:1/p'], { ids: ['B7'] })).rejects.toThrow(
      /image of B7/,
    );
  });

  it('is left at once when the call ends', async () => {
    const controller = new AbortController();
    const server = await serve(() => controller.abort(new Error('enough')));
    const call = open().embed([`${server.url}/p`], { signal: controller.signal });
    await expect(call).rejects.toThrow('enough');
    await server.close();
  });
});

async function serve(answer: RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
