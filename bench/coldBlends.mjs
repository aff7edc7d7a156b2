// Whether another blend, another grid of L3AE or another training of the graph ranks better where half of everybody's
// training interactions are removed (amazon-office): what `auto` does, and what could take its place. By validation; the
// test is measured beside it.
//
//   npm run build && node bench/coldBlends.mjs [--data ../shared/data] [--seeds 0,1,2,3,4] [--out bench/experiments/coldBlends.json]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  BlendScorer,
  chooseClosed,
  coldStart,
  evaluateScorer,
  findClosedModel,
  interactionsToCsr,
  leaveOneOut,
  load,
  RECOMMENDED_TRAINING,
  scoreDeviation,
  train,
} from '../dist/index.js';
import { studyData } from './studyData.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    seeds: { type: 'string', default: '0,1,2,3,4' },
    out: { type: 'string', default: 'bench/experiments/coldBlends.json' },
  },
});
const runtime = await load();
const { interactions, embeddings } = await studyData(values.data, 'amazon-office', 'bert');
const { loss } = RECOMMENDED_TRAINING;
const GRAPHS = {
  ...{
    'as auto trains it': {},
    '3 layers': { layers: 3 },
    '1 layer': { layers: 1 },
    'dim 256': { dim: 256 },
  },
  'temperature .15': { loss: { ...loss, softmaxTemperature: 0.15 } },
  'temperature .3': { loss: { ...loss, softmaxTemperature: 0.3 } },
};
const WEIGHTS = [0.2, 0.35, 0.5, 0.65];
const record = [];
for (const seed of values.seeds.split(',').map(Number)) {
  const split = coldStart(leaveOneOut(interactions, { order: 'random', seed }), { fraction: 0.5, seed });
  const found = { seed, graphs: await graphs(split, seed), ...(await blends(split, seed)) };
  record.push(found);
  console.log(JSON.stringify(found.chosen));
}
writeFileSync(values.out, `${JSON.stringify(record, null, 1)}\n`);

async function graphs(split, seed) {
  const measured = {};
  for (const [name, settings] of Object.entries(GRAPHS)) {
    const { metric, evaluate } = await graph(split, seed, settings);
    measured[name] = { valid: metric, test: (await evaluate({ ks: [10] })).means['ndcg@10'] };
  }
  return measured;
}

async function graph(split, seed, settings = {}) {
  const options = { model: 'lightgcn', init: 'graph-pca', seed, runtime };
  const trained = await train({ split, embeddings }, { ...options, ...RECOMMENDED_TRAINING, ...settings });
  return { scorer: trained.scorer, metric: trained.metric, evaluate: (how) => trained.evaluate(how) };
}

async function blends(split, seed) {
  const scorers = {
    graph: (await graph(split, seed)).scorer,
    second: (await graph(split, seed + 1000)).scorer,
    text: (await train({ split, embeddings }, { model: 'text-only', seed, runtime })).scorer,
    l3ae: (await chooseClosed(findClosedModel('l3ae'), split, embeddings, { runtime })).scorer,
    wide: await widerGrid(split),
  };
  const deviations = {};
  const queries = everySecondUser(split.train);
  for (const name of Object.keys(scorers))
    deviations[name] = await scoreDeviation(scorers[name], queries, { runtime });
  const of = (weights) =>
    measuredOf(
      new BlendScorer(
        'blend',
        Object.entries(weights).map(([name, weight]) => ({
          ...{ scorer: scorers[name], weight, deviation: deviations[name] },
        })),
      ),
      split,
    );
  const single = {};
  for (const [name, scorer] of Object.entries(scorers)) single[name] = await measuredOf(scorer, split);
  const tried = { today: [], 'wider grid': [], 'text as a third part': [], 'two graphs': [] };
  for (const w of WEIGHTS) {
    tried.today.push(await of({ graph: 1 - w, l3ae: w }));
    tried['wider grid'].push(await of({ graph: 1 - w, wide: w }));
    for (const t of [0.1, 0.2])
      tried['text as a third part'].push(await of({ graph: (1 - w) * (1 - t), l3ae: w * (1 - t), text: t }));
    tried['two graphs'].push(await of({ graph: (1 - w) / 2, second: (1 - w) / 2, l3ae: w }));
  }
  const chosen = {};
  for (const [name, all] of Object.entries(tried)) chosen[name] = best(all);
  chosen['the best of all'] = best(Object.values(tried).flat());
  return { single, chosen };
}

async function widerGrid(split) {
  const found = [];
  for (const textRegularization of [2, 10]) {
    for (const entries of [20, 50]) {
      const grid = [20, 50, 100, 200].flatMap((regularization) =>
        [0.5, 1, 2].map((textShare) => ({ regularization, textShare, textRegularization, entries })),
      );
      found.push(await chooseClosed(findClosedModel('l3ae'), split, embeddings, { runtime, grid }));
    }
  }
  return best(found).scorer;
}

function best(all) {
  return all.reduce((most, one) => (one.valid > most.valid ? one : most));
}

async function measuredOf(scorer, split) {
  const at = async (part) =>
    (await evaluateScorer(scorer, split, { part, ks: [10], runtime })).means['ndcg@10'];
  return { valid: await at('valid'), test: await at('test') };
}

function everySecondUser(train) {
  const { rows, rowPtr, colIdx } = interactionsToCsr(train);
  const users = Array.from({ length: rows }, (_, user) => user).filter(
    (user) => rowPtr[user] < rowPtr[user + 1],
  );
  return users
    .filter((_, n) => n % 2 === 0)
    .map((user) => ({ user, history: colIdx.subarray(rowPtr[user], rowPtr[user + 1]) }));
}
