import { describe, expect, it } from 'vitest';
import simdBytes from '../../build/simd.wasm';
import { LlminitError, OptionError } from '../../src/errors.ts';
import { randomWords } from '../../src/kernels/random.ts';
import { load, loadSync, Runtime } from '../../src/runtime/load.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';

/** The smallest valid module: magic number and version, no exports. */
const foreign = () => new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

/** First words of a sequence, as the kernels of a runtime compute them. */
function words(runtime: Runtime): Int32Array {
  const ws = runtime.open();
  const out = ws.i32(5);
  randomWords(ws, out, 1, PURPOSE.synthetic, 0);
  return out.view.slice();
}

const twin = new Random(1, PURPOSE.synthetic);
const EXPECTED = Int32Array.from({ length: 5 }, () => twin.uint32());

describe('load', () => {
  it('gives the same runtime every time, also to calls that overlap', async () => {
    const [one, two] = await Promise.all([load(), load()]);
    expect(one).toBe(two);
    expect(await load()).toBe(one);
    expect(words(one)).toEqual(EXPECTED);
  });

  it('shares the compiled module with runtimes of another budget', async () => {
    const limited = await load({ maxMemoryBytes: 1_000_000 });
    expect(limited.maxMemoryBytes).toBe(1_000_000);
    expect(limited.module).toBe((await load()).module);
    expect((await load()).maxMemoryBytes).toBe(2 ** 32 - 65536);
  });

  it('takes a module that the host has compiled, at once or later', async () => {
    const module = new WebAssembly.Module(simdBytes);
    const runtime = loadSync(module, { maxMemoryBytes: 500_000 });
    expect(runtime).toBeInstanceOf(Runtime);
    expect([runtime.module, runtime.maxMemoryBytes]).toEqual([module, 500_000]);
    expect(words(runtime)).toEqual(EXPECTED);
    expect((await load({ module })).module).toBe(module);
  });

  it('refuses what is no module', () => {
    for (const wrong of [simdBytes, {}, null, undefined, 'llminit/kernels.wasm']) {
      expect(() => loadSync(wrong as unknown as WebAssembly.Module)).toThrow(OptionError);
    }
    expect(() => loadSync(simdBytes as unknown as WebAssembly.Module)).toThrow(/WebAssembly\.Module/);
  });

  it('refuses a module of something else', () => {
    expect(() => loadSync(foreign()).open()).toThrow(LlminitError);
  });

  it('refuses kernels compiled with another number than the package lays memory out by', () => {
    // The UPDATE_BLOCK_ELEMENTS of the module: an i32 that does not change, 4096 in LEB128, end.
    const [length, other] = [[0x7f, 0, 0x41, 0x80, 0x20, 0x0b], 0x81];
    const at = simdBytes.findIndex((_, n) => length.every((byte, k) => simdBytes[n + k] === byte));
    expect(at).toBeGreaterThan(0);
    const bytes = simdBytes.slice();
    bytes[at + 3] = other;
    const message = /kernels compiled with UPDATE_BLOCK_ELEMENTS = 4096, received 4097.*of the same version/;
    expect(() => loadSync(new WebAssembly.Module(bytes))).toThrow(message);
    expect(() => loadSync(new WebAssembly.Module(bytes))).toThrow(OptionError);
  });

  it('refuses a budget that is no number of bytes WebAssembly can hold', async () => {
    const module = new WebAssembly.Module(simdBytes);
    for (const maxMemoryBytes of [0, -1, Number.NaN, 2 ** 32, Infinity]) {
      expect(() => loadSync(module, { maxMemoryBytes })).toThrow(OptionError);
      await expect(load({ maxMemoryBytes })).rejects.toThrow(OptionError);
    }
  });
});
