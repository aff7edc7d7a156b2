// One training step: LightGCN (2 layers, dim 128) with BPR and Adam, batch 2048.
import { normalNumbers, randomFrom } from '../graphs.mjs';
import { measureCase, timed } from '../measure.mjs';
import * as plain from '../peers/plain.mjs';
import * as float64 from '../peers/plain.mjs?reference';

const DIM = 128;
const LAYERS = 2;
const DECAY = 1e-5;
const BATCHES = 8;

/** Beauty and Gowalla. */
export async function step(context) {
  return [await stepCase(context, 'beauty'), await stepCase(context, 'gowalla')];
}

async function stepCase(context, key) {
  const { name, graph } = context.graph(key);
  const initial = normalNumbers(graph.numNodes * DIM, 0.1, 2);
  const batches = drawBatches(graph, context.quick ? 512 : 2048);
  const model = new float64.PlainLightGcn(graph.adjacency, initial, DIM, LAYERS, DECAY, Float64Array);
  const loss = model.step(...batch(batches, 0));
  return measureCase(context, {
    title: `${name}, batch ${batches.size}`,
    key,
    contestants: [
      oursStep(context.library, context.runtime, graph, initial, batches),
      ...torchSteps(context, graph, initial, batches),
      plainStep(graph, initial, batches),
    ],
    reference: [model.weight, Float64Array.of(loss)],
  });
}

/** Random interactions with random other items, as nodes: [BATCHES × size] for each of the three columns. */
export function drawBatches({ interactions, numUsers, numItems }, size) {
  const { rowPtr, colIdx } = interactions;
  const random = randomFrom(3);
  const userOf = new Int32Array(colIdx.length);
  for (let u = 0; u < numUsers; u++) userOf.fill(u, rowPtr[u], rowPtr[u + 1]);
  const picks = Int32Array.from({ length: BATCHES * size }, () => Math.floor(random() * colIdx.length));
  return {
    size,
    users: picks.map((p) => userOf[p]),
    positives: picks.map((p) => numUsers + colIdx[p]),
    negatives: picks.map(() => numUsers + Math.floor(random() * numItems)),
  };
}

function batch({ size, users, positives, negatives }, n) {
  const from = (n % BATCHES) * size;
  return [users, positives, negatives].map((nodes) => nodes.subarray(from, from + size));
}

/** The product's model on a runtime; the numbers of its first step are its result. */
export function oursStep(library, runtime, graph, initial, batches, name = 'llminit') {
  const workspace = runtime.open();
  const options = {
    layers: LAYERS,
    batchSize: batches.size,
    regularization: { weight: DECAY, form: 'norm' },
    optimizer: library.ADAM,
    loss: { name: 'bpr' },
  };
  const model = library.lightgcn.create(workspace, graph, DIM, options);
  model.start(graph, initial);
  const prepared = Array.from({ length: BATCHES }, (_, n) => {
    const [users, positives, negatives] = batch(batches, n).map((nodes) => workspace.i32From(nodes));
    return { users, positives, negatives, count: batches.size };
  });
  let turn = 0;
  let loss = 0;
  return {
    name,
    ours: true,
    usedBytes: () => workspace.usedBytes,
    run: timed(() => {
      loss = model.step(prepared[turn++ % BATCHES]);
    }),
    result: () => [model.parameters.values(), [loss]],
  };
}

function torchSteps({ python }, graph, initial, batches) {
  const { rowPtr, colIdx, values } = graph.adjacency;
  const shaped = (nodes) => [nodes, BATCHES, batches.size];
  const arrays = { rowPtr, colIdx, values, initial: [initial, graph.numNodes, DIM] };
  for (const column of ['users', 'positives', 'negatives']) arrays[column] = shaped(batches[column]);
  const options = { layers: LAYERS, decay: DECAY };
  const types = [Float32Array, Float32Array];
  return [
    python.contestant('torch CSR, symmetric backward', 'step_torch', arrays, types, {
      ...options,
      form: 'csr',
    }),
    python.contestant('torch COO, autograd (RecBole)', 'step_torch', arrays, types, {
      ...options,
      form: 'coo',
    }),
  ];
}

function plainStep(graph, initial, batches) {
  const model = new plain.PlainLightGcn(graph.adjacency, initial, DIM, LAYERS, DECAY, Float32Array);
  let turn = 0;
  let loss = 0;
  return {
    name: 'plain JavaScript',
    run: timed(() => {
      loss = model.step(...batch(batches, turn++));
    }),
    result: () => [model.weight, [loss]],
  };
}
