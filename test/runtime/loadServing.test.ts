import binaryen from 'binaryen';
import { describe, expect, it } from 'vitest';
import simdBytes from '../../build/simd.wasm';
import { clearTopK } from '../../src/kernels/topk.ts';
import { load, loadSync } from '../../src/runtime/loadServing.ts';

/** All kernels but those whose names begin so. */
function without(prefix: string): WebAssembly.Module {
  const module = binaryen.readBinary(new Uint8Array(simdBytes));
  module.setFeatures(binaryen.Features.All);
  for (let n = module.getNumExports() - 1; n >= 0; n--) {
    const { name } = binaryen.getExportInfo(module.getExportByIndex(n));
    if (name.startsWith(prefix)) module.removeExport(name);
  }
  const bytes = new Uint8Array(module.emitBinary());
  module.dispose();
  return new WebAssembly.Module(bytes);
}

describe('load of the serving entry', () => {
  it('gives the same runtime every time', async () => {
    expect(await load()).toBe(await load());
  });

  it('refuses by name what needs a kernel that its module does not have, and computes the rest', () => {
    const ws = loadSync(without('spmm_')).open();
    expect(() => ws.wasm.spmm_csr_f32).toThrow(
      expect.objectContaining({
        code: 'ERR_LLMINIT_UNSUPPORTED',
        message: expect.stringContaining('spmm_csr_f32'),
      }),
    );
    const top = { scores: ws.f32(4), items: ws.i32<'item'>(4), counts: ws.i32(4) };
    top.counts.view.fill(7);
    clearTopK(ws, 2, 2, top);
    expect([...top.counts.view]).toEqual([0, 0, 7, 7]);
    expect(`${Object.keys(ws.wasm).includes('memory')}, ${String(Reflect.get(ws.wasm, 'toString'))}`).toBe(
      'true, undefined',
    );
  });
});
