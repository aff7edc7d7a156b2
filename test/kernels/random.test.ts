import { describe, expect, it } from 'vitest';
import { randomUniform, randomWords, shuffle } from '../../src/kernels/random.ts';
import { PURPOSE, philox4x32, Random } from '../../src/runtime/random.ts';
import { builds, guarded, kernelCase, writesOnly } from './harness.ts';

const SEEDS = [0, 2020, 2 ** 32 - 1, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER];

/** `kat_vectors` of Random123 (Salmon et al.) for philox4x32-10: counter, key, result. */
const KNOWN_ANSWERS = [
  {
    counter: [0, 0, 0, 0],
    key: [0, 0],
    words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

describe('philox4x32', () => {
  it.each(KNOWN_ANSWERS)('gives the known answer for counter $counter', ({ counter, key, words }) => {
    const [c0, c1, c2, c3] = counter;
    const out = new Uint32Array(4);
    philox4x32(out, key[0], key[1], c0, c1, c2, c3);
    expect([...out]).toEqual(words);
  });
});

describe.each(builds)('the generator on the $name build', ({ module, open }) => {
  it('gives the known answer of Philox for counter and key 0', () => {
    const { exports } = new WebAssembly.Instance(module, {});
    const { memory, heap_base, philox_u32 } = exports as {
      memory: WebAssembly.Memory;
      heap_base(): number;
      philox_u32(out: number, count: number, ...counter: number[]): void;
    };
    philox_u32(heap_base(), 4, 0, 0, 0, 0);
    expect([...new Uint32Array(memory.buffer, heap_base(), 4)]).toEqual(KNOWN_ANSWERS[0].words);
  });

  it('gives the words of Random bit for bit', () => {
    const ws = open();
    for (const seed of SEEDS) {
      for (const count of [0, 1, 3, 4, 5, 1000]) {
        const [out] = kernelCase(ws, [() => ws.i32(count)], ([out]) =>
          randomWords(ws, out, seed, PURPOSE.bootstrap, 3),
        );
        const twin = new Random(seed, PURPOSE.bootstrap, 3);
        expect(out.view).toEqual(Int32Array.from({ length: count }, () => twin.uint32()));
      }
    }
  });

  it('fills tables with the uniform numbers of Random, row by row without the padding', () => {
    const ws = open();
    for (const [rows, dim] of [
      [1, 1],
      [3, 5],
      [17, 4],
      [2, 65],
      [0, 3],
    ]) {
      const [out] = kernelCase(ws, [() => ws.matrix(rows, dim)], ([out]) =>
        randomUniform(ws, out, -0.1, 0.3, 9, PURPOSE.xavier, 2),
      );
      const twin = new Random(9, PURPOSE.xavier, 2);
      const low = Math.fround(-0.1);
      const span = Math.fround(Math.fround(0.3) - low);
      const expected = Float32Array.from(
        { length: rows * dim },
        () => low + Math.fround(span * twin.uniform()),
      );
      expect(out.read()).toEqual(expected);
      for (let r = 0; r < rows; r++) {
        expect(out.view.subarray(r * out.stride + dim, (r + 1) * out.stride).every((x) => x === 0)).toBe(
          true,
        );
      }
    }
  });

  it('shuffles as Random does', () => {
    const ws = open();
    for (const seed of SEEDS) {
      for (const count of [0, 1, 2, 3, 10, 1001]) {
        const order = Int32Array.from({ length: count }, (_, n) => n);
        const values = guarded(ws, () => ws.i32(count));
        values.view.set(order);
        writesOnly(ws, [values], () => shuffle(ws, values, seed, PURPOSE.shuffle, 4));
        expect(values.view).toEqual(new Random(seed, PURPOSE.shuffle, 4).shuffle(order));
      }
    }
  });

  it('gives other words to another seed, purpose or round', () => {
    const ws = open();
    const words = (seed: number, purpose: 4 | 5, round: number) => {
      const out = ws.i32(8);
      randomWords(ws, out, seed, purpose, round);
      return out.view.join();
    };
    const all = [words(1, 4, 0), words(2, 4, 0), words(1 + 2 ** 32, 4, 0), words(1, 5, 0), words(1, 4, 1)];
    expect(new Set(all).size).toBe(all.length);
  });
});
