// C = A Bᵀ with everything in the second-level cache: the micro-kernel under scoring and the contrastive losses.
import { mulAddCeiling } from '../ceilings.mjs';
import { normalNumbers } from '../graphs.mjs';
import { measureCase, timed } from '../measure.mjs';
import { mlMatrixGemm, tfjsGemm } from '../peers/packages.mjs';
import * as plain from '../peers/plain.mjs';
import * as float64 from '../peers/plain.mjs?reference';

const ROWS = 64;
const COLUMNS = 512;
const DIM = 128;

/** 64 × 128 times 128 × 512. */
export async function gemm(context) {
  const a = normalNumbers(ROWS * DIM, 1, 7);
  const b = normalNumbers(COLUMNS * DIM, 1, 8);
  const reference = new Float64Array(ROWS * COLUMNS);
  float64.gemm(Float64Array.from(a), Float64Array.from(b), DIM, reference);
  const arrays = { a: [a, ROWS, DIM], b: [b, COLUMNS, DIM] };
  const result = await measureCase(context, {
    title: `${ROWS} × ${DIM} times ${DIM} × ${COLUMNS}`,
    key: 'gemm',
    contestants: [
      ours(context, a, b),
      mulAddCeiling(),
      context.python.contestant('numpy (native BLAS)', 'gemm_numpy', arrays, [Float32Array]),
      tfjsGemm('tfjs-wasm', a, b, DIM),
      mlMatrixGemm('ml-matrix (float64)', a, b, DIM),
      plainLoops(a, b),
    ],
    reference: [reference],
    flops: 2 * ROWS * COLUMNS * DIM,
  });
  return [result];
}

function ours({ library, runtime }, a, b) {
  const workspace = runtime.open();
  const left = workspace.matrixFrom(a, ROWS, DIM);
  const panels = workspace.f32(COLUMNS * DIM);
  library.packPanels(workspace, workspace.matrixFrom(b, COLUMNS, DIM), panels);
  // A stride that is a power of two would alias in the cache.
  const c = workspace.matrix(ROWS, COLUMNS, COLUMNS + 8);
  return {
    name: 'llminit (packed)',
    ours: true,
    run: timed(() => library.gemmNt(workspace, left, panels, COLUMNS, c)),
    result: () => [c.read()],
  };
}

function plainLoops(a, b) {
  const c = new Float32Array(ROWS * COLUMNS);
  return { name: 'plain JavaScript', run: timed(() => plain.gemm(a, b, DIM, c)), result: () => [c] };
}
