// Y = X + Â X, the Horner step of LightGCN, at dim 128.
import { gatherCeiling } from '../ceilings.mjs';
import { normalNumbers } from '../graphs.mjs';
import { COPIES, measureCase, takingTurns, timed } from '../measure.mjs';
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
      ...ours(context, adjacency, x),
      gatherCeiling(adjacency),
      clangWasm(context, adjacency, x),
      ...pythonPeers(context, adjacency, x),
      plainLoops(adjacency, x),
    ],
    reference: [reference],
    flops: 2 * nnz * DIM,
    bytes: nnz * DIM * 4,
  });
  return { ...result, nnz };
}

/** The product with weights, as on the first layer; the one between two layers, which needs none but reads X and the
 *  addend from two tables; and, where tables are in panels, the first with row-major tables. */
function ours({ library, runtime }, adjacency, x) {
  const { rows } = adjacency;
  const scaledX = x.map((value, n) => adjacency.norms[Math.floor(n / DIM)] * value);
  const copies = Array.from({ length: COPIES }, () => {
    const workspace = runtime.open();
    const a = workspace.csr(adjacency);
    const contestant = (name, from, to, addend, options) => ({
      ours: true,
      name,
      run: timed(() => library.spmm(workspace, a, from, to, addend, options)),
      result: () => [to.read()],
    });
    const input = workspace.table(rows, DIM);
    const scaled = workspace.tableLike(input);
    const output = workspace.tableLike(input);
    input.write(x);
    scaled.write(scaledX);
    const made = [
      contestant('llminit', input, output, input),
      contestant('llminit, X scaled by D^-½ before', scaled, output, input, { scaledIn: true }),
    ];
    if (input.panels === 1) return made;
    const [whole, out] = [workspace.matrixFrom(x, rows, DIM), workspace.matrix(rows, DIM)];
    return [...made, contestant('llminit, row-major tables', whole, out, whole)];
  });
  return copies[0].map((_, n) => takingTurns(copies.map((contestants) => contestants[n])));
}

function clangWasm({ runtime }, adjacency, x) {
  const name = 'clang → wasm, same algorithm';
  const table = runtime.open().table(adjacency.rows, DIM);
  table.write(x);
  const copies = Array.from({ length: COPIES }, () => clangWasmSpmm(adjacency, table.view, table.panels));
  if (!copies[0]) return { name, absent: 'clang or lld is not installed' };
  const chunk = 1024;
  return takingTurns(
    copies.map((compiled) => ({
      name,
      run: timed(() => {
        for (let panel = 0; panel < table.panels; panel++) {
          for (let r = 0; r < adjacency.rows; r += chunk)
            compiled.run(r, Math.min(r + chunk, adjacency.rows), panel);
        }
      }),
      result: () => {
        table.view.set(compiled.result());
        return [table.read()];
      },
    })),
  );
}

function pythonPeers({ python }, { rows, rowPtr, colIdx, values }, x) {
  const arrays = { rowPtr, colIdx, values, x: [x, rows, DIM] };
  const types = [Float32Array];
  const library = compileNative();
  const native = (name, panels) =>
    library
      ? python.contestant(name, 'spmm_native', arrays, types, { library, panels })
      : { name, absent: 'clang is not installed' };
  return [
    native('clang native, prefetch', false),
    native('clang native, panels of 16 columns', true),
    python.contestant('scipy CSR', 'spmm_scipy', arrays, types),
    python.contestant('torch CSR', 'spmm_torch', arrays, types, { form: 'csr' }),
    python.contestant('torch COO', 'spmm_torch', arrays, types, { form: 'coo' }),
  ];
}

function plainLoops(adjacency, x) {
  const y = new Float32Array(x.length);
  return { name: 'plain JavaScript', run: timed(() => plain.spmm(adjacency, x, DIM, y)), result: () => [y] };
}
