// Ceilings of one core, measured like any contestant; see kernels/ceilings.wat.
import { readFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { timed } from './measure.mjs';

const ROUNDS = 50_000;
/** Neighbours in one call, so that V8 can replace its first code between calls. */
const CHUNK = 8192;

function instantiate() {
  const module = binaryen.parseText(readFileSync('bench/kernels/ceilings.wat', 'utf8'));
  module.setFeatures(binaryen.Features.All);
  return new WebAssembly.Instance(new WebAssembly.Module(module.emitBinary())).exports;
}

/** 128-bit multiplications and additions, nothing else; `flops` a run. */
export function mulAddCeiling() {
  const { mul_add } = instantiate();
  const calls = 8;
  return {
    name: 'ceiling: 128-bit mul + add',
    flops: calls * ROUNDS * 96,
    run: timed(() => {
      for (let n = 0; n < calls; n++) mul_add(ROUNDS);
    }),
  };
}

/** The rows that SpMM at dim 128 has to fetch, without arithmetic and without writing. */
export function gatherCeiling({ rows, colIdx }) {
  const { memory, gather_512 } = instantiate();
  const table = 65536;
  const cols = table + rows * 512;
  memory.grow(Math.ceil((cols + colIdx.byteLength) / 65536));
  new Int32Array(memory.buffer, cols, colIdx.length).set(colIdx);
  // Untouched pages would all be the one page of zeros.
  new Float32Array(memory.buffer, table, rows * 128).fill(1);
  return {
    name: 'ceiling: gather of whole rows alone',
    run: timed(() => {
      for (let from = 0; from < colIdx.length; from += CHUNK) {
        gather_512(table, cols + 4 * from, Math.min(CHUNK, colIdx.length - from));
      }
    }),
  };
}
