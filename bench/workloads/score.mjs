// Every user's top-k of all items by inner product, seen items left out.
import { normalNumbers } from '../graphs.mjs';
import { checkSameResults, measureCase, timed } from '../measure.mjs';
import * as plain from '../peers/plain.mjs';
import * as float64 from '../peers/plain.mjs?reference';

const DIM = 128;
/** Users that the slow contestants and the reference score; times are scaled. */
const SAMPLE = 256;

/** Top-10 and top-50 on a graph of Beauty size. */
export async function score(context) {
  return [await scoreCase(context, 10), await scoreCase(context, 50)];
}

async function scoreCase(context, k) {
  const { name, graph } = context.graph('beauty');
  const { numUsers, numItems, interactions } = graph;
  const { users, items } = factors(graph);
  const sample = Math.min(SAMPLE, numUsers);
  const expected = float64.scoreTopK(
    Float64Array.from(users.subarray(0, sample * DIM)),
    Float64Array.from(items),
    DIM,
    interactions,
    k,
    sample,
  );
  const own = [
    oursScore(context.library, context.runtime, graph, users, items, k),
    oursScore(context.library, context.runtime, graph, users, items, k, 'llminit, without the filter', 'one'),
  ];
  checkSameResults(own);
  const result = await measureCase(context, {
    title: `top-${k}, ${name}: ${numUsers} users × ${numItems} items`,
    key: `top${k}`,
    contestants: [
      ...own,
      torchScore(context.python, 'torch matmul + topk', graph, users, items, k),
      torchScore(context.mkl, 'torch matmul + topk, MKL', graph, users, items, k),
      plainScore(graph, users, items, k, sample),
    ].map((contestant) => sampled(contestant, sample * k)),
    reference: [expected.scores],
    flops: 2 * numUsers * numItems * DIM,
  });
  return { ...result, users: numUsers };
}

/** Rows as LightGCN leaves them: a few directions that all users share, popular items longer. */
export function factors({ numUsers, numItems, degrees }) {
  const users = normalNumbers(numUsers * DIM, 0.1, 4);
  const items = normalNumbers(numItems * DIM, 0.1, 5);
  for (let item = 0; item < numItems; item++) {
    const length = (1 + degrees[numUsers + item]) ** 0.2;
    for (let d = 0; d < DIM; d++)
      items[item * DIM + d] = length * (items[item * DIM + d] + (d < 4 ? 0.05 : 0));
  }
  for (let n = 0; n < users.length; n++) if (n % DIM < 4) users[n] += 0.05;
  return { users, items };
}

/** The scores of the sampled users are what is compared with the reference. */
async function sampled(promised, length) {
  const contestant = await promised;
  if (contestant.absent) return contestant;
  return { ...contestant, result: async () => [(await contestant.result()).at(-1).subarray(0, length)] };
}

/** The product's ranker on a runtime; `load` as in src/rank/ranker.ts. */
export function oursScore(library, runtime, graph, users, items, k, name = 'llminit', load = 'many') {
  const { numUsers, numItems, interactions } = graph;
  const { rowPtr, colIdx } = interactions;
  const workspace = runtime.open();
  const ranker = new library.Ranker(workspace, numItems, DIM, load, k);
  const table = workspace.matrixFrom(items, numItems, DIM);
  const top = { items: new Int32Array(numUsers * k), scores: new Float32Array(numUsers * k) };
  return {
    name,
    ours: true,
    run: timed(() => {
      ranker.setItems(table);
      ranker.rank(
        numUsers,
        k,
        (user) => users.subarray(user * DIM, (user + 1) * DIM),
        (user, mask) => mask.exclude(colIdx.subarray(rowPtr[user], rowPtr[user + 1])),
        (user, ranked) => {
          top.items.set(ranked.items, user * k);
          top.scores.set(ranked.scores, user * k);
        },
      );
    }),
    result: () => [top.items, top.scores],
  };
}

function torchScore(python, name, { numUsers, numItems, interactions }, users, items, k) {
  const { rowPtr, colIdx } = interactions;
  const arrays = { rowPtr, colIdx, users: [users, numUsers, DIM], items: [items, numItems, DIM] };
  return python.contestant(name, 'score_torch', arrays, [Int32Array, Float32Array], { k });
}

function plainScore({ interactions, numUsers }, users, items, k, sample) {
  let top;
  const run = timed(() => {
    top = plain.scoreTopK(users, items, DIM, interactions, k, sample);
  });
  return {
    name: `plain JavaScript (${sample} users, scaled)`,
    run: () => (run() * numUsers) / sample,
    result: () => [top.scores],
  };
}
