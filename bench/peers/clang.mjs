// C through clang: native as a shared library (which Python calls), and WebAssembly.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SCRATCH } from '../library.mjs';

const SOURCE = 'bench/peers/spmm.c';
/** Of the tables in it. */
const DIM = 128;
const WASM = ['--target=wasm32', '-msimd128', '-nostdlib', '-Wl,--no-entry'];
const NATIVE = ['-march=native', '-shared', '-fPIC'];

/** Path of the native library. @returns null without clang */
export function compileNative() {
  return compile('spmm.so', NATIVE);
}

/** clang's version, or null. */
export function clangVersion() {
  const { stdout } = spawnSync('clang', ['--version'], { encoding: 'utf8' });
  return stdout?.match(/version (\S+)/)?.[1] ?? null;
}

/**
 * SpMM by clang for WebAssembly, same algorithms as ours, on one adjacency and table of dim 128.
 * @param x row-major, or where `panels` is more than 1 in so many panels
 * @returns `{ run(begin, end, panel), result() }`, or null without clang or lld
 */
export function clangWasmSpmm({ rows, rowPtr, colIdx, values, norms }, x, panels) {
  const file = compile('spmm.wasm', WASM);
  if (!file) return null;
  const { memory, heap_start, spmm, spmm_panel, spmm_scaled, scale_panel } = new WebAssembly.Instance(
    new WebAssembly.Module(readFileSync(file)),
  ).exports;
  let top = Math.ceil(heap_start() / 64) * 64;
  const place = (bytes) => {
    const start = top;
    top = Math.ceil((top + bytes) / 64) * 64;
    return start;
  };
  const places = [rowPtr, colIdx, values, norms, x, x].map(({ byteLength }) => place(byteLength));
  memory.grow(Math.ceil((top - memory.buffer.byteLength) / 65536));
  [rowPtr, colIdx, values, norms, x].forEach((array, n) => {
    new array.constructor(memory.buffer, places[n], array.length).set(array);
  });
  const [rowPtrAt, colIdxAt, valuesAt, normsAt, xAt, yAt] = places;
  const panelBytes = x.byteLength / panels;
  return {
    run: (begin, end, panel) => {
      const tables = [xAt + panel * panelBytes, yAt + panel * panelBytes];
      const scaledAt = yAt + (panels - 1) * panelBytes;
      if (panels === 1) spmm(rowPtrAt, colIdxAt, valuesAt, ...tables, begin, end);
      else if (panel === panels - 1) spmm_panel(rowPtrAt, colIdxAt, valuesAt, ...tables, begin, end);
      else {
        if (begin === 0) scale_panel(normsAt, tables[0], scaledAt, rows);
        spmm_scaled(rowPtrAt, colIdxAt, normsAt, scaledAt, ...tables, begin, end);
      }
    },
    result: () => new Float32Array(memory.buffer, yAt, rows * DIM),
  };
}

function compile(name, flags) {
  const { status } = spawnSync('clang', ['-O3', ...flags, SOURCE, '-o', `${SCRATCH}/${name}`], {
    stdio: 'ignore',
  });
  return status === 0 ? `${SCRATCH}/${name}` : null;
}
