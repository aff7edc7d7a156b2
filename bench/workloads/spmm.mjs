// Y = X + Â X, the Horner step of LightGCN, at dim 128.
import { gatherCeiling } from '../ceilings.mjs';
import { normalNumbers } from '../graphs.mjs';
import { measureCase, timed } from '../measure.mjs';
import { clangWasmSpmm, compileNative } from '../peers/clang.mjs';
import * as plain from '../peers/plain.mjs';
import * as float64 from '../peers/plain.mjs?reference';

const DIM = 128;

/** One case for each graph. */
export async function spmm(context) {
  const cases = [];
  for (const key of ['beauty', 'gowalla', 'book']) cases.push(await spmmCase(context, key));
  return cases;
}

async function spmmCase(context, key) {
  const { name, graph } = context.graph(key);
  const { adjacency } = graph;
  const x = normalNumbers(adjacency.rows * DIM, 0.1, 1);
  const nnz = adjacency.colIdx.length;
  const reference = new Float64Array(x.length);
  float64.spmm(adjacency, Float64Array.from(x), DIM, reference);
  const result = await measureCase(context, {
    title: `${name} (${adjacency.rows} rows, ${nnz} non-zeros)`,
    key,
    contestants: [
      ours(context, adjacency, x),
      gatherCeiling(adjacency),
      clangWasm(context, 'clang → wasm, same algorithm', adjacency, x, false),
      clangWasm(context, 'clang → wasm, unrolled for dim 128', adjacency, x, true),
      ...pythonPeers(context, adjacency, x),
      plainLoops(adjacency, x),
    ],
    reference: [reference],
    flops: 2 * nnz * DIM,
    bytes: nnz * DIM * 4,
  });
  return { ...result, nnz };
}

function ours({ library, runtime }, adjacency, x) {
  const workspace = runtime.open(library.csrBytes(adjacency.rows, adjacency.colIdx.length));
  const a = workspace.csr(adjacency);
  const input = workspace.matrixFrom(x, adjacency.rows, DIM);
  const output = workspace.matrix(adjacency.rows, DIM);
  return {
    name: 'llminit',
    ours: true,
    run: timed(() => workspace.kernels.spmm(a, input, output, input)),
    result: () => [output.read()],
  };
}

function clangWasm({ library }, name, adjacency, x, fixed) {
  const compiled = clangWasmSpmm(adjacency, x, fixed);
  if (!compiled) return { name, absent: 'clang or lld is not installed' };
  const chunk = 1024;
  const touchAhead = new library.TouchAhead();
  return {
    name,
    run: timed(() => {
      touchAhead.run(x.byteLength, (touch) => {
        for (let r = 0; r < adjacency.rows; r += chunk)
          compiled.run(r, Math.min(r + chunk, adjacency.rows), touch);
      });
    }),
    result: compiled.result,
  };
}

function pythonPeers({ python }, { rows, rowPtr, colIdx, values }, x) {
  const arrays = { rowPtr, colIdx, values, x: [x, rows, DIM] };
  const types = [Float32Array];
  const library = compileNative();
  const native = 'clang native, prefetch';
  return [
    library
      ? python.contestant(native, 'spmm_native', arrays, types, { library })
      : { name: native, absent: 'clang is not installed' },
    python.contestant('scipy CSR', 'spmm_scipy', arrays, types),
    python.contestant('torch CSR', 'spmm_torch', arrays, types, { form: 'csr' }),
    python.contestant('torch COO', 'spmm_torch', arrays, types, { form: 'coo' }),
  ];
}

function plainLoops(adjacency, x) {
  const y = new Float32Array(x.length);
  return { name: 'plain JavaScript', run: timed(() => plain.spmm(adjacency, x, DIM, y)), result: () => [y] };
}
