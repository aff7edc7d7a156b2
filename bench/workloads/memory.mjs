// Memory of a whole training job, predicted and as it came out, and the size of the kernels.
import { gzipSync } from 'node:zlib';

const DIM = 128;

/** Bytes of a LightGCN job (2 layers, dim 128, batch 2048) against those of one table. */
export async function memory(context) {
  const graphs = [context.graph('beauty'), context.graph('gowalla')];
  const rows = [];
  for (const { key, name, graph } of graphs) {
    const nnz = graph.interactions.colIdx.length;
    const { countBytes, fitBytes, resolveFitOptions } = context.library;
    // The graph: the adjacency, the interactions against which negatives are checked, and the epoch's order.
    const graphBytes = countBytes((workspace) => {
      workspace.csrRoom(graph.numNodes, graph.numNodes, 2 * nnz);
      workspace.csrRoom(graph.numUsers, graph.numItems, nnz);
      workspace.i32(nnz);
    });
    const table = countBytes((workspace) => workspace.matrix(graph.numNodes, DIM));
    const options = resolveFitOptions({ model: 'lightgcn', layers: 2, batchSize: 2048 });
    const predicted = fitBytes(graph, DIM, options, { validates: true, threads: 1 });
    const measured = await measuredBytes(context.library, graph, context.runtime.module);
    const tables = (bytes) => (bytes - graphBytes) / table;
    rows.push({
      key,
      name,
      table,
      graphBytes,
      predicted,
      measured,
      tables: tables(Math.max(predicted, measured)),
    });
  }
  return rows;
}

/** Bytes of the memory that `fit` has taken by the end of its first step. */
async function measuredBytes(library, graph, module) {
  const split = splitOf(library, graph);
  let workspace;
  const runtime = new library.Runtime(module);
  const open = runtime.open.bind(runtime);
  runtime.open = (...job) => (workspace = open(...job));
  const initial = await library.initialize(split.train, null, { strategy: 'xavier', dim: DIM });
  const stop = new AbortController();
  const options = {
    layers: 2,
    batchSize: 2048,
    runtime,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  };
  await library.fit(split, initial, options).catch((reason) => {
    if (reason !== stop.signal.reason) throw reason;
  });
  return workspace.buffer.byteLength;
}

/** The graph as a split with one interaction for validation and one for the test. */
function splitOf(library, { interactions, numItems }) {
  const { rowPtr, colIdx } = interactions;
  const rows = [];
  for (let user = 0; user < interactions.rows; user++) {
    for (let e = rowPtr[user]; e < rowPtr[user + 1]; e++)
      rows.push({ user: `${user}`, item: `${colIdx[e]}` });
  }
  const own = new Set(colIdx.subarray(rowPtr[0], rowPtr[1]));
  const others = Array.from({ length: numItems }, (_, item) => item).filter((item) => !own.has(item));
  const held = (n) => library.Interactions.from([{ user: '0', item: `${others[n]}` }]);
  return library.alignSplit(library.Interactions.from(rows), held(0), held(1));
}

/** Bytes of the default kernels. */
export function wasmSize({ library }) {
  const { wasmBytes } = library;
  return [{ bytes: wasmBytes.length, gzipped: gzipSync(wasmBytes).length }];
}
