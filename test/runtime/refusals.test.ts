import { afterEach, describe, expect, it, vi } from 'vitest';
import { BudgetError, UnsupportedError } from '../../src/errors.ts';
import { load } from '../../src/runtime/load.ts';
import { compileRefusal } from '../../src/runtime/refusals.ts';
import { sharedMemory } from '../../src/runtime/sharedMemory.ts';

afterEach(() => vi.restoreAllMocks());

describe('a host that does not compile the kernels', () => {
  const cases: [host: string, reason: string, cure: RegExp][] = [
    [
      'Chromium under a policy',
      "WebAssembly.compile(): Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source of script in the following Content Security Policy directive: \"script-src 'self'\"",
      /'wasm-unsafe-eval'.*extension_pages/,
    ],
    [
      'WebKit under a policy',
      "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script",
      /'wasm-unsafe-eval'/,
    ],
    ['Firefox under a policy', 'call to WebAssembly.compile() blocked by CSP', /'wasm-unsafe-eval'/],
    [
      'workerd',
      'WebAssembly.compile(): Wasm code generation disallowed by embedder',
      /export condition.*pass \{ module \}/,
    ],
    ['a host without SIMD', 'WebAssembly.compile(): invalid opcode 0xfd', /SIMD .*Safari 16\.4/],
  ];
  for (const [host, reason, cure] of cases) {
    it(`is told the cure of its own reason: ${host}`, () => {
      const error = compileRefusal(new WebAssembly.CompileError(reason));
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error.message).toContain(reason);
      expect(error.remedy).toMatch(cure);
      const others = cases.filter(
        ([name]) => name !== host && !(host.endsWith('policy') && name.endsWith('policy')),
      );
      for (const [, , other] of others) expect(error.remedy).not.toMatch(other);
    });
  }
});

/** Stands for a host with so much address space left; `asked` records the maxima in pages. */
function hostWith(bytes: number): { asked: number[] } {
  const asked: number[] = [];
  const Memory = WebAssembly.Memory;
  class Host {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      const { maximum = 0 } = descriptor;
      asked.push(maximum);
      if (maximum * 65536 > bytes) throw new RangeError('could not allocate memory');
      // biome-ignore lint/correctness/noConstructorReturn: stands for the memory itself
      return new Memory(descriptor);
    }
  }
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(Host as never);
  return { asked };
}

describe('memory that threads share', () => {
  it('takes half of what the host refuses, until it agrees', () => {
    const { asked } = hostWith(2 ** 30);
    const memory = sharedMemory(2 ** 32 - 65536);
    expect(asked).toEqual([65535, 32767, 16383]);
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    memory.grow(16382);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it('asks for no less than a job needs, and gives up then', () => {
    const { asked } = hostWith(2 ** 28);
    expect(() => sharedMemory(2 ** 32 - 65536, 3 * 2 ** 28)).toThrow(RangeError);
    expect(asked).toEqual([65535, 32767, 16383, 12288]);
  });
});

describe('a host without memory for another job', () => {
  it('is a BudgetError that says what to close', async () => {
    const runtime = await load();
    class Full {
      constructor() {
        throw new RangeError(
          'WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance',
        );
      }
    }
    vi.spyOn(WebAssembly, 'Instance').mockImplementation(Full as never);
    const attempt = () => runtime.open(1000, 'Recommender');
    expect(attempt).toThrow(BudgetError);
    expect(attempt).toThrow(
      /Recommender: expected memory from the host, received .*Out of memory.*Close recommenders/,
    );
  });
});
