import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { BudgetError, FormatError, OptionError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/format/safetensors.ts';
import type { Tensor } from '../../src/format/tensor.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import { ImageWriter } from '../../src/serve/imageWriter.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { openModel } from '../../src/serve/openModel.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { blendModel, factorModel } from './sampleModels.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});
const bytes = encodeModel(blendModel());

describe('opening', () => {
  it('gives the same model from bytes and from pieces of any size', async () => {
    const whole = await Recommender.open(bytes, { runtime });
    for (const size of [1, 7, 8, 9, 1000, bytes.length]) {
      const writer = new ImageWriter(runtime, 'pieces');
      for (let at = 0; at < bytes.length; at += size) writer.push(bytes.subarray(at, at + size));
      const opened = new Recommender(openModel(writer.finish(), 'auto'));
      expect(opened.encode()).toEqual(bytes);
      expect(opened.recommend('user 3')).toEqual(whole.recommend('user 3'));
      opened.close();
    }
  });

  it('copies the bytes: the caller may overwrite or transfer them', async () => {
    const own = bytes.slice();
    const recommender = await Recommender.open(own, { runtime });
    const before = recommender.recommend('user 2');
    own.fill(0);
    expect(recommender.recommend('user 2')).toEqual(before);
    const moved = bytes.slice().buffer;
    const other = await Recommender.open(moved, { runtime });
    structuredClone(moved, { transfer: [moved] });
    expect(other.recommend('user 2')).toEqual(before);
    expect(other.encode()).toEqual(bytes);
  });

  it('refuses bytes that are transferred before it is done', async () => {
    const moved = bytes.slice().buffer;
    const opening = Recommender.open(moved);
    structuredClone(moved, { transfer: [moved] });
    await expect(opening).rejects.toThrow(OptionError);
  });

  it('takes bytes of an odd place in a larger buffer', async () => {
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const recommender = await Recommender.open(larger.subarray(3), { runtime });
    expect(recommender.encode()).toEqual(bytes);
  });

  it('takes names and runtimes as options or in a row, and refuses others', async () => {
    await expect(Recommender.open(new Uint8Array(3), 'a.safetensors')).rejects.toThrow(/^a\.safetensors: /);
    await expect(Recommender.open(new Uint8Array(3), { name: 'b.safetensors' })).rejects.toThrow(
      /^b\.safetensors: /,
    );
    await expect(Recommender.open(bytes, { nam: 'c' } as never)).rejects.toThrow(/Did you mean name/);
    expect(() => new Recommender(bytes as never, runtime)).toThrow(/a model, received a Uint8Array/);
    expect(() => new Recommender(factorModel(), undefined as never)).toThrow(
      /runtime to be a runtime of load/,
    );
  });

  const others: [string, Uint8Array, RegExp][] = [
    [
      'HTML',
      new TextEncoder().encode('\n<!DOCTYPE html><html><body>404</body></html>'),
      /received HTML of 45 bytes.*status of the answer/,
    ],
    ['JSON', new TextEncoder().encode('{"error":"not found"}'), /received JSON/],
    ['gzip', gzipSync(bytes), /received a gzip file.*Decompress/],
    ['zip', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0), /a zip file/],
    [
      'a Git LFS pointer',
      new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'),
      /Git LFS/,
    ],
    ['nothing', new Uint8Array(0), /received 0 bytes/],
  ];
  it.each(others)('says that %s is no model', async (_, wrong, message) => {
    await expect(Recommender.open(wrong, { runtime })).rejects.toThrow(FormatError);
    await expect(Recommender.open(wrong, { runtime })).rejects.toThrow(message);
    const writer = new ImageWriter(runtime, 'pieces');
    const push = () => {
      for (const byte of wrong) writer.push(Uint8Array.of(byte));
      return writer.finish();
    };
    expect(push).toThrow(FormatError);
  });

  it('refuses a file with any byte changed, cut or too long, and gives its memory back', async () => {
    const one = await Recommender.open(bytes, { runtime });
    const memory = one.memoryBytes;
    for (let at = 0; at < bytes.length; at += 41) {
      const flipped = bytes.slice();
      flipped[at] ^= 0x20;
      await expect(Recommender.open(flipped, { runtime }), `byte ${at}`).rejects.toThrow(FormatError);
      await expect(Recommender.open(bytes.slice(0, at), { runtime }), `${at} bytes`).rejects.toThrow(
        FormatError,
      );
    }
    await expect(Recommender.open(new Uint8Array(bytes.length + 1), { runtime })).rejects.toThrow(
      FormatError,
    );
    expect((await Recommender.open(bytes, { runtime })).memoryBytes).toBe(memory);
  });

  it('refuses ids that are empty or stand twice', async () => {
    const file = decodeSafetensors(bytes, 'x');
    const { checksum, ...metadata } = file.metadata;
    const withIds = (text: string, offsets: number[]) => {
      const tensors = {
        ...file.tensors,
        'user_ids.bytes': {
          dtype: 'U8',
          shape: [text.length],
          data: new TextEncoder().encode(text),
        } as Tensor,
        'user_ids.offsets': {
          dtype: 'I32',
          shape: [offsets.length],
          data: Int32Array.from(offsets),
        } as Tensor,
      };
      return Recommender.open(encodeSafetensors(tensors, metadata), { runtime });
    };
    await expect(withIds('abcdabfgh', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).rejects.toThrow(
      /received a at positions 0 and 4/,
    );
    await expect(withIds('abcdefgh', [0, 1, 2, 3, 3, 4, 5, 6, 7, 8])).rejects.toThrow(
      /an empty one at position 3/,
    );
    await expect(withIds('abcdefgh', [0, 1, 2, 4, 3, 4, 5, 6, 7, 8])).rejects.toThrow(/ascend from 0 to 8/);
  });

  it('says what does not fit the memory limit', async () => {
    const small = await load({ module: runtime.module, maxMemoryBytes: 100_000 });
    await expect(Recommender.open(new Uint8Array(200_000), { runtime: small })).rejects.toThrow(FormatError);
    const large = factorModel();
    const rows = 4000;
    const model = {
      ...large,
      ...{ userIds: [], userFactors: null, seen: null, liked: null, attributes: null, itemTitles: null },
      itemIds: Array.from({ length: rows }, (_, n) => `${n}`),
      itemFactors: new Float32Array(rows * large.dim),
      itemDegrees: new Int32Array(rows),
    };
    await expect(Recommender.open(encodeModel(model), { runtime: small })).rejects.toThrow(BudgetError);
  });
});

describe('the memory of models', () => {
  it('is given back by close, and by using', async () => {
    const own = await load({ module: runtime.module });
    const first = await Recommender.open(bytes, { runtime: own });
    const memory = first.memoryBytes;
    first.close();
    first.close();
    expect(first.memoryBytes).toBe(0);
    expect(() => first.recommend('user 1')).toThrow(/received one that is closed/);
    expect(() => first.model).toThrow(OptionError);
    const again = await Recommender.open(bytes, { runtime: own });
    expect(again.memoryBytes).toBe(memory);
    again[Symbol.dispose]();
    expect(again.memoryBytes).toBe(0);
  });

  it('is one for thousands of small models, open at once or one after the other', async () => {
    const own = await load({ module: runtime.module, maxMemoryBytes: 40 * bytes.length + 2 ** 18 });
    const expected = (await Recommender.open(bytes, { runtime })).recommend('user 5');
    const open: Recommender[] = [];
    for (let n = 0; n < 2000; n++) {
      open.push(await Recommender.open(bytes, { runtime: own }));
      // In no order: what is free lies between what is not.
      if (open.length === 20)
        for (const k of [7, 0, 11, 3, 3, 5, 9, 1, 0, 2, 4]) open.splice(k, 1)[0].close();
    }
    for (const recommender of open) expect(recommender.recommend('user 5')).toEqual(expected);
  });

  it('is the file, a little more after ranking, and a quarter of the rows more with codes', async () => {
    const [rows, dim] = [2000, 32];
    const model = {
      ...factorModel(),
      ...{ userIds: [], userFactors: null, seen: null, liked: null, attributes: null, itemTitles: null },
      dim,
      itemIds: Array.from({ length: rows }, (_, n) => `${n}`),
      itemFactors: Float32Array.from({ length: rows * dim }, (_, n) => ((n * 7919) % 1000) / 1000 - 0.5),
      itemDegrees: new Int32Array(rows),
    };
    const file = encodeModel(model);
    const recommender = await Recommender.open(file, { runtime });
    expect(recommender.memoryBytes).toBeLessThan(file.length * 1.08);
    for (let n = 0; n < 10; n++) recommender.recommend({ history: [`${n}`] });
    recommender.similarItems('3');
    expect(recommender.memoryBytes).toBeLessThan(file.length * 1.5);
    const plain = await Recommender.open(file, { runtime, index: 'rows' });
    for (let n = 0; n < 10; n++) plain.recommend({ history: [`${n}`] });
    expect(plain.memoryBytes).toBeLessThan(file.length * 1.08);
  });

  it('is one that threads share, where there are any', async () => {
    const threaded = await loadThreads({ threads: 2 });
    const recommender = await Recommender.open(bytes, { runtime: threaded });
    const plain = await Recommender.open(bytes, { runtime });
    expect(recommender.recommend('user 5')).toEqual(plain.recommend('user 5'));
    expect(recommender.model.itemIds).toEqual(plain.model.itemIds);
    recommender.close();
    threaded.close();
  });

  it('of a version 1 file is opened in place, too', async () => {
    const file = readFileSync(new URL('../fixtures/v1/model.safetensors', import.meta.url));
    const recommender = await Recommender.open(new Uint8Array(file), { runtime });
    expect(recommender.encode()).toEqual(new Uint8Array(file));
  });
});
