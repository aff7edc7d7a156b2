import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as xenova from '@xenova/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embedInBatches } from '../../../src/embed/batches.ts';
import { memoryCache } from '../../../src/embed/cache.ts';
import { lexicalEmbeddings } from '../../../src/embed/lexical/lexicalEmbeddings.ts';
import { textTransform } from '../../../src/embed/lexical/transform.ts';
import type { TransformersModule } from '../../../src/embed/transformers/load.ts';
import { transformersEmbedder } from '../../../src/embed/transformers/transformersEmbedder.ts';
import { UnsupportedError } from '../../../src/errors.ts';
import { type TinyModels, writeTinyModels } from '../tinyModel.ts';
import { difference } from './direct.ts';

const module = xenova as unknown as TransformersModule;
let models: TinyModels;
beforeAll(() => {
  models = writeTinyModels({ whole: 'bert', untold: 'bert', bare: 'bert', broken: 'bert', cut: 'bert' });
  rmSync(join(models.folder, 'untold/tokenizer.json'));
  rmSync(join(models.folder, 'bare/config.json'));
  writeFileSync(join(models.folder, 'broken/config.json'), '{ "model_type": ');
  writeFileSync(join(models.folder, 'cut/onnx/model.onnx'), new Uint8Array(100));
  mkdirSync(join(models.folder, 'empty'));
});
afterAll(() => models.remove());

const open = (model: string) => transformersEmbedder({ model, module, modelFolder: models.folder });

describe('a model that cannot be loaded is an UnsupportedError that names it', () => {
  it.each([
    ['untold', /tokenizer/],
    ['bare', /config\.json/],
    ['broken', /JSON/],
    ['cut', /./],
    ['empty', /tokenizer|config/],
  ])('from a folder: %s', async (model, reason) => {
    const error = await open(model)
      .embed(['pen'])
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toMatch(new RegExp(`expected to load the model ${model}, received: `));
    expect(error.message).toMatch(reason);
    expect(error.message).toMatch(/Check its name, the connection/);
  });

  it('without a network, and behind one that answers pages of HTML', async () => {
    const server = createServer((_, response) => response.end('<!doctype html><p>Please log in</p>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { env } = xenova;
    const before = {
      remoteHost: env.remoteHost,
      allowRemoteModels: env.allowRemoteModels,
      useFSCache: env.useFSCache,
    };
    Object.assign(env, { allowRemoteModels: true, useFSCache: false, localModelPath: models.folder });
    try {
      for (const port of [1, (server.address() as AddressInfo).port]) {
        env.remoteHost = `http://127.0.0.1:${port}/`;
        const call = transformersEmbedder({ model: 'far/away', module }).embed(['pen']);
        const error = await call.catch((thrown) => thrown);
        expect(error).toBeInstanceOf(UnsupportedError);
        expect(error.message).toMatch(/load the model far\/away, received: .+Check its name, the connection/);
      }
    } finally {
      Object.assign(env, before);
      server.close();
    }
  });
});

describe('texts that nobody expects', () => {
  it('of a million characters are read as far as the model reads, and counted', async () => {
    const embedder = open('whole');
    const [long, start] = await embedder.embed(['red pen '.repeat(125_000), 'red pen '.repeat(200)]);
    expect(difference(long!, start!)).toBeLessThan(1e-5);
    expect(embedder.counts).toEqual({ truncated: 2 });
  });

  it('of a million characters, with half of a UTF-16 pair, or repeated, have lexical vectors', async () => {
    const texts = [
      'red pen '.repeat(125_000),
      `red \ud83d pen`,
      'red pen',
      'red pen',
      'oak desk',
      'oak lamp',
    ];
    const ids = texts.map((_, n) => `i${n}`);
    const { embeddings, missing } = await lexicalEmbeddings(ids, texts, { dim: 4 });
    expect(missing).toEqual([]);
    const row = (n: number) => embeddings.vectors.subarray(n * embeddings.width, (n + 1) * embeddings.width);
    expect(difference(row(2), row(3))).toBeLessThan(1e-6);
    expect(textTransform(embeddings.lexical!)('pen '.repeat(250_000))).toHaveLength(embeddings.width);
  });

  it('are refused one by one, and the vectors made before stay in the cache', async () => {
    const cache = memoryCache();
    const failing = { ...open('whole'), byLength: false };
    const call = embedInBatches(
      ['red pen', 'oak desk', 'lamp'],
      {
        ...failing,
        embed: (texts) => {
          if (texts.includes('lamp')) throw new Error('gone');
          return failing.embed(texts);
        },
      },
      { cache, batchSize: 1 },
    );
    await expect(call).rejects.toThrow('gone');
    const known = { ...failing, embed: () => Promise.reject(new Error('asked again')) };
    expect((await embedInBatches(['red pen', 'oak desk'], known, { cache, batchSize: 1 })).ids).toHaveLength(
      2,
    );
  });
});
