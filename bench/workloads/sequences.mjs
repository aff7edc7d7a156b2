// SASRec: a training step, of sequences of one length and of lengths as people have them, and one session answered, beside
// torch.nn.TransformerEncoder of the same form and the same weights on one thread.
import { randomFrom } from '../graphs.mjs';
import { measureCase, timed } from '../measure.mjs';

const DIM = 64;
const HEADS = 2;
const BLOCKS = 2;
const DROPOUT = 0.5;

export async function sequences(context) {
  const { quick } = context;
  const numItems = quick ? 500 : 12_000;
  const users = quick ? 16 : 128;
  const random = randomFrom(31);
  const even = Array.from({ length: users }, () => 50);
  // A tail as that of shops: most have five to ten items, some fifty.
  const uneven = Array.from({ length: users }, () => Math.min(50, Math.floor(3 + 3 / (random() + 0.06))));
  return [
    await trainingCase(context, 'even', `${users} sequences of 50, ${numItems} items`, even, numItems),
    await trainingCase(
      context,
      'uneven',
      `${users} sequences of 3 to 50, ${numItems} items`,
      uneven,
      numItems,
    ),
    await sessionCase(context, 'session-64', 64, numItems),
    await sessionCase(context, 'session-8', 8, numItems),
  ];
}

/** Users with one item more than a length each, in order. */
function histories(lengths, numItems) {
  const random = randomFrom(32);
  return lengths.map((length) => {
    const items = new Set();
    while (items.size <= length) items.add(Math.floor(random() * numItems));
    return [...items];
  });
}

function modelOf(library, runtime, sequences, numItems, maxLength, hiddenDropout) {
  const workspace = runtime.open();
  const users = sequences.flatMap((items, user) => items.map(() => user));
  const fields = {
    userTable: library.IdTable.of(sequences.map((_, n) => `u${n}`)),
    itemTable: library.IdTable.of(Array.from({ length: numItems }, (_, n) => `i${n}`)),
    users: Int32Array.from(users),
    items: Int32Array.from(sequences.flat()),
    timestamps: Float64Array.from(users.keys()),
  };
  const graph = new library.Graph(new library.Interactions(fields));
  const random = randomFrom(33);
  const initial = Float32Array.from({ length: graph.numNodes * DIM }, () => 0.2 * (random() - 0.5));
  const model = library.sasrec.create(workspace, graph, DIM, {
    ...{ layers: BLOCKS, heads: HEADS, maxLength, hiddenDropout, sequenceLoss: 'cross-entropy' },
    ...{ batchSize: sequences.length, optimizer: library.ADAM, seed: 1 },
  });
  model.start(graph, initial);
  return { workspace, model };
}

async function trainingCase(context, key, title, lengths, numItems) {
  const { library, runtime } = context;
  const sequences = histories(lengths, numItems);
  const opened = (dropout) => {
    const { workspace, model } = modelOf(library, runtime, sequences, numItems, 50, dropout);
    const users = workspace.i32From(Int32Array.from(sequences.keys()));
    return { model, batch: { users, positives: users, negatives: users, count: sequences.length } };
  };
  const { model, batch } = opened(DROPOUT);
  const plain = opened(0);
  const arrays = torchArrays(plain.model, sequences);
  const loss = Float64Array.of(plain.model.step(plain.batch));
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const options = { heads: HEADS, blocks: BLOCKS, dropout: DROPOUT, longest: Math.max(...lengths) };
  const types = [Float32Array];
  return measureCase(context, {
    title,
    key,
    contestants: [
      { name: 'llminit', ours: true, run: timed(() => model.step(batch)), result: () => [loss] },
      context.python.contestant('torch', 'sasrec_torch', arrays, types, options),
      context.mkl.contestant('torch, MKL', 'sasrec_torch', arrays, types, options),
    ],
    reference: [loss],
    flops: 6 * rows * (BLOCKS * 12 * DIM * DIM + numItems * DIM),
  });
}

/** Weights of a model by name, and sequences row by row with −1 behind their ends. */
function torchArrays(model, sequences) {
  const { tables } = model.sequence();
  const z = model.parameters.e0;
  const longest = Math.max(...sequences.map((items) => items.length));
  const padded = new Int32Array(sequences.length * longest).fill(-1);
  for (const [n, items] of sequences.entries()) padded.set(items, n * longest);
  const shaped = Object.entries(tables).map(([name, { rows, columns, values }]) => [
    name,
    rows === 1 ? values : [values, rows, columns],
  ]);
  return {
    ...Object.fromEntries(shaped),
    items: [z.read(), z.rows, DIM],
    sequences: [padded, sequences.length, longest],
  };
}

async function sessionCase(context, key, length, numItems) {
  const { library, runtime } = context;
  const sequences = histories([length - 1], numItems);
  const { model } = modelOf(library, runtime, sequences, numItems, 64, 0);
  const items = model.parameters.e0.read();
  const itemIds = Array.from({ length: numItems }, (_, n) => `i${n}`);
  const data = {
    ...{ userIds: [], itemIds, itemTitles: null, dim: DIM, userFactors: null, itemFactors: items },
    ...{ itemDegrees: new Int32Array(numItems), seen: null, config: {}, metrics: {} },
    sequence: model.sequence(),
  };
  const recommender = new library.Recommender(data, runtime, new library.Sequences(runtime));
  const history = sequences[0].map((item) => `i${item}`);
  const ask = () => recommender.recommend({ history }, { k: 10 });
  const scores = Float64Array.from(ask(), ({ score }) => score);
  const arrays = torchArrays(model, sequences);
  const options = { heads: HEADS, blocks: BLOCKS, dropout: 0, k: 10, session: true };
  return measureCase(context, {
    title: `one session of ${length} of ${numItems} items, top-10`,
    key,
    contestants: [
      { name: 'llminit', ours: true, run: timed(ask), result: () => [scores] },
      context.python.contestant('torch', 'sasrec_torch', arrays, [Float32Array], options),
      context.mkl.contestant('torch, MKL', 'sasrec_torch', arrays, [Float32Array], options),
    ],
    reference: [scores],
  });
}
