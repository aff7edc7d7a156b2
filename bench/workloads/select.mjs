// Column selection of LLMInit: variance of every column, the 128 largest, and their copy.
import { normalNumbers } from '../graphs.mjs';
import { COPIES, measureCase, takingTurns, timed } from '../measure.mjs';
import * as plain from '../peers/plain.mjs';
import * as float64 from '../peers/plain.mjs?reference';

const ROWS = 6_086;
const WIDTH = 768;
const DIM = 128;

/** Embeddings of 6,086 × 768. */
export async function select(context) {
  const x = normalNumbers(ROWS * WIDTH, 1, 6);
  for (let n = 0; n < x.length; n++) x[n] = x[n] * (1 + (n % WIDTH) / WIDTH) + 0.5;
  const { python } = context;
  const arrays = { x: [x, ROWS, WIDTH] };
  const types = [Float32Array, Float32Array];
  const expected = float64.selectByVariance(x, ROWS, WIDTH, DIM);
  const result = await measureCase(context, {
    title: `variance + top-${DIM} + gather, ${ROWS} × ${WIDTH}`,
    key: 'select',
    contestants: [
      ours(context, x),
      python.contestant('numpy', 'select_numpy', arrays, types, { dim: DIM }),
      python.contestant('torch', 'select_torch', arrays, types, { dim: DIM }),
      plainLoops(x),
    ],
    reference: [expected.table, expected.variance],
    bytes: ROWS * WIDTH * 4,
  });
  return [result];
}

function ours({ library, runtime }, x) {
  const copies = Array.from({ length: COPIES }, () => {
    const workspace = runtime.open();
    const table = workspace.matrixFrom(x, ROWS, WIDTH);
    const out = workspace.matrix(ROWS, DIM);
    return {
      name: 'llminit',
      ours: true,
      run: timed(() => {
        const mark = workspace.mark();
        const columns = library.selectColumns(workspace, table, 'variance', { dim: DIM });
        library.gatherColumns(workspace, table, workspace.i32From(columns), out);
        workspace.release(mark);
      }),
      result: () => [out.read(), library.columnVariance(workspace, table)],
    };
  });
  return takingTurns(copies);
}

function plainLoops(x) {
  let selected;
  return {
    name: 'plain JavaScript',
    run: timed(() => {
      selected = plain.selectByVariance(x, ROWS, WIDTH, DIM);
    }),
    result: () => [selected.table, selected.variance],
  };
}
