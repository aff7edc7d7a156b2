import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import { crc32 } from '../../src/format/crc32.ts';
import { initialize } from '../../src/init/initialize.ts';
import { gram } from '../../src/kernels/covariance.ts';
import { gemmNt, packPanels } from '../../src/kernels/gemm.ts';
import { randomUniform } from '../../src/kernels/random.ts';
import { spmm } from '../../src/kernels/spmm.ts';
import { spmmAdam } from '../../src/kernels/step.ts';
import type { TopK } from '../../src/kernels/topk.ts';
import { BatchRows } from '../../src/models/batchRows.ts';
import { CodedItems } from '../../src/rank/itemIndex.ts';
import type { CsrMatrix } from '../../src/runtime/csrMatrix.ts';
import type { KernelExports } from '../../src/runtime/kernelExports.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import { PURPOSE } from '../../src/runtime/random.ts';
import { Workspace } from '../../src/runtime/workspace.ts';
import { fit } from '../../src/train/fit.ts';
import { randomCsr, randomValues } from '../kernels/harness.ts';
import { plantedSplit } from '../models/planted.ts';

let single: Runtime;
let threaded: Runtime;
beforeAll(async () => {
  single = await load();
  threaded = await loadThreads({ threads: 3 });
});
afterAll(() => threaded.close());

const NODES = 2000;
const sparse = randomCsr(NODES, NODES, (row) => row % 60);

/** So many rows that threads share the scaling of a panel, too. */
const MANY = 26_000;
const normalized = { ...randomCsr(MANY, MANY, (row) => row % 5), norms: randomValues(MANY, 2) };

/** A product that takes D^-½ times its table panel by panel. */
function scaledProduct(workspace: Workspace): Float32Array {
  const [x, y] = [0, 1].map(() => workspace.panelMatrix(MANY, 32));
  x.write(randomValues(MANY * 32));
  spmm(workspace, workspace.csr(normalized), x, y, x);
  return y.read();
}

/** A product and two fused updates of tables in panels, the second by the gradient of a batch alone. */
function panelProducts(workspace: Workspace, graph: CsrMatrix): Float32Array[] {
  const make = () => workspace.panelMatrix(NODES, 48);
  const [x, y, p, m, v] = Array.from({ length: 5 }, make);
  x.write(randomValues(NODES * 48));
  const rows = new BatchRows(workspace, NODES, 48, 64, 3 * 64, graph.maxDegree);
  const nodes = workspace.i32From(Int32Array.from({ length: 64 }, (_, n) => 31 * n));
  const planned = rows.plan({ users: nodes, positives: nodes, negatives: nodes, count: 64 }, false);
  rows.gradient.gradient.view.fill(0.5);
  spmm(workspace, graph, x, y, x);
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, rate: 0.01, step: 1 };
  spmmAdam(workspace, graph, y, rows.gradient, p, m, v, rows.scratch, {}, adam);
  const first = p.read();
  spmmAdam(workspace, graph, null, rows.gradient, p, m, v, rows.scratch, {}, adam);
  rows.clear(planned);
  return [y.read(), first, p.read()];
}

/** The top 10 of a ranking through codes, large enough for several threads to share the encoding of the items. */
function codedTop(workspace: Workspace): Float32Array[] {
  const [users, dim] = [64, 128];
  const index = new CodedItems(workspace, NODES, dim, users);
  const items = workspace.matrix(NODES, dim);
  randomUniform(workspace, items, -1, 1, 9, PURPOSE.synthetic, 1);
  index.set(items);
  const top = topOf(workspace, users);
  index.topK(items.slice(0, users), users, workspace.i32(users * 63 + 1), 63 * 4, 10, top);
  return [top.scores.view.slice(), Float32Array.from(top.items.view)];
}

const roundUp8 = (n: number) => Math.ceil(n / 8) * 8;

function topOf(workspace: Workspace, users: number): TopK {
  return {
    scores: workspace.f32(users * 10),
    items: workspace.i32(users * 10),
    counts: workspace.i32(users),
  };
}

/** Checksums of products of a graph large enough to be shared, and of the top 10 of a scoring job. */
function products(workspace: Workspace): number[] {
  const nodes = NODES;
  const graph = workspace.csr(sparse);
  const tables = [0, 1, 2].map(() => workspace.matrix(nodes, 40));
  randomUniform(workspace, tables[0], -1, 1, 9, PURPOSE.synthetic, 0);
  const results: Float32Array[] = [];
  for (let round = 0; round < 5; round++) {
    spmm(workspace, graph, tables[0], tables[1], tables[0], { scale: 0.5 });
    spmm(workspace, graph, tables[1], tables[2]);
    results.push(tables[1].read(), tables[2].read());
  }
  results.push(...panelProducts(workspace, graph), scaledProduct(workspace));
  const panels = workspace.f32(roundUp8(nodes) * 40);
  packPanels(workspace, tables[0], panels);
  const users = 256;
  const product = workspace.matrix(users, nodes, roundUp8(nodes));
  for (const add of [false, true]) gemmNt(workspace, tables[2].slice(0, users), panels, nodes, product, add);
  const sums = workspace.f64(200 * 200);
  gram(workspace, workspace.matrixFrom(randomValues(400 * 200), 400, 200), sums);
  results.push(product.read(), Float32Array.from(sums.view));
  results.push(...codedTop(workspace));
  return results.map((values) => crc32(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
}

describe('threads', () => {
  it('are as many as asked for', () => {
    expect(threaded.threads).toBe(3);
    expect(single.threads).toBe(1);
  });

  it('give the bytes of one thread, time and again', () => {
    const expected = products(single.open());
    for (let round = 0; round < 4; round++) {
      const workspace = threaded.open();
      expect(products(workspace)).toEqual(expected);
      workspace.close();
    }
  });

  it('serve several workspaces in turn', () => {
    const [a, b] = [threaded.open(), threaded.open()];
    const expected = products(single.open());
    for (const workspace of [a, b, a, b]) expect(products(workspace)).toEqual(expected);
  });

  it('survive the growth of their memory', () => {
    const workspace = threaded.open();
    const before = products(workspace);
    workspace.f32(20_000_000);
    expect(products(workspace)).toEqual(before);
  });

  it('start anew after much memory was closed, which is free then, and go on with what is open', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const resident = () => process.memoryUsage().rss / 2 ** 20;
    const pool = await loadThreads({ threads: 2 });
    const open = pool.open();
    const expected = products(open);
    collect();
    const before = resident();
    for (let n = 0; n < 8; n++)
      await pool.use(
        'large',
        (workspace) => workspace.f32(2 ** 25),
        async ({ view }) => void view.fill(1),
      );
    // 1,024 MB were written to. Threads free theirs when they have ended, a moment after they were told to.
    const grown = () => {
      collect();
      return resident() - before;
    };
    await expect.poll(grown, { timeout: 10_000 }).toBeLessThan(400);
    expect(products(open)).toEqual(expected);
    expect(products(pool.open())).toEqual(expected);
    pool.close();
    open.close();
    expect(products(open)).toEqual(expected);
  });

  it('find no scratch in the static data, which every thread that starts writes anew', () => {
    const { module } = threaded;
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const workspace = new Workspace(exports as unknown as KernelExports & { memory: typeof memory }, 2 ** 30);
    const before = new Uint8Array(memory.buffer).slice(0, workspace.gemmScratchPtr);
    const [a, b] = [0, 1].map((round) => workspace.matrixFrom(randomValues(16 * 300, round), 16, 300));
    const panels = workspace.f32(16 * 300);
    packPanels(workspace, b, panels);
    gemmNt(workspace, a, panels, 16, workspace.matrix(16, 16));
    expect(new Uint8Array(memory.buffer).slice(0, before.length)).toEqual(before);
  });

  it('train to the bytes of one thread', async () => {
    const split = plantedSplit(700, 300, 30);
    const initial = await initialize(split.train, null, { dim: 32, seed: 1 });
    const runs = await Promise.all(
      [single, threaded].map((runtime) =>
        fit(split, initial, { batchSize: 2048, epochs: 2, layers: 3, runtime }),
      ),
    );
    expect(runs[1]).toEqual(runs[0]);
    const metrics = await Promise.all(
      [single, threaded].map((runtime) => evaluate(runs[0].factors, split, { runtime })),
    );
    expect(metrics[1]).toEqual(metrics[0]);
  });
});

describe('loadThreads', () => {
  it('refuses a number of threads that is no integer ≥ 1', async () => {
    await expect(loadThreads({ threads: 0 })).rejects.toThrow(/integer from 1 to 256, received 0/);
    await expect(loadThreads({ threads: 100_000 })).rejects.toThrow(/integer from 1 to 256, received 100000/);
    await expect(loadThreads({ threads: 1.5 })).rejects.toThrow(/received 1\.5/);
  });

  it('computes with one thread where there is no shared memory, and says so', async () => {
    const available = globalThis.SharedArrayBuffer;
    const reasons: string[] = [];
    Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
    try {
      const runtime = await loadThreads({ threads: 2, onFallback: (reason) => reasons.push(reason) });
      expect(runtime.threads).toBe(1);
      expect(products(runtime.open())).toEqual(products(single.open()));
    } finally {
      globalThis.SharedArrayBuffer = available;
    }
    expect(reasons).toEqual(['llminit computes with one thread: SharedArrayBuffer is not available']);
  });
});
