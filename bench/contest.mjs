// What `auto` chooses, with intervals over other models of the recorded study on the same splits, user by user, under
// `standard`. With the vectors of the study (`bert`) its runs of `auto` are read from there; with others they are trained,
// chosen by validation NDCG@10 and then measured once on test items.
//
//   npm run build && node bench/contest.mjs [--data ../shared/data] [--dataset amazon-office,…] [--vectors bert,use,lexical]
//                                           [--seeds 0,1,2,3,4] [--keep 1]
//
// --keep 0.5: of the runs with half of everybody's training interactions. Takes the place of the same measurement in
// bench/experiments/contest.json, or is added to it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { bootstrapInterval, coldStart, leaveOneOut, load, train } from '../dist/index.js';
import { studyData } from './studyData.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    dataset: { type: 'string', default: 'amazon-office,amazon-scientific,amazon-scientific-small' },
    vectors: { type: 'string', default: 'bert' },
    seeds: { type: 'string', default: '0,1,2,3,4' },
    keep: { type: 'string', default: '1' },
    out: { type: 'string', default: 'bench/experiments/contest.json' },
  },
});
/** The encoder's vectors that come with a dataset, as studies call them. */
const OWN = ['bert-cls', 'text512'];
const seeds = values.seeds.split(',').map(Number);
const keep = Number(values.keep);
const record = existsSync(values.out) ? JSON.parse(readFileSync(values.out, 'utf8')) : [];
const runtime = await load();

for (const dataset of values.dataset.split(',')) {
  for (const vectors of values.vectors.split(',')) await measure(dataset, vectors);
}

async function measure(dataset, vectors) {
  const runs = vectors === 'bert' ? recordedAuto(dataset) : await trainedAuto(dataset, vectors);
  for (const { seed, means, chosen } of runs)
    console.log(`${dataset}, ${vectors}, seed ${seed}: NDCG@10 ${means['ndcg@10'].toFixed(4)} by ${chosen}`);
  const mean = (name) => runs.reduce((sum, { means }) => sum + means[name], 0) / runs.length;
  const entry = {
    ...{ dataset, vectors, keep, date: new Date().toISOString().slice(0, 10) },
    'ndcg@10': mean('ndcg@10'),
    'recall@10': mean('recall@10'),
    gains: gainsOver(dataset, runs),
    runs: runs.map(({ perUser: _, means, ...run }) => ({
      ...run,
      'ndcg@10': means['ndcg@10'],
      'recall@10': means['recall@10'],
    })),
  };
  const same = record.findIndex((other) =>
    ['dataset', 'vectors', 'keep'].every((key) => other[key] === entry[key]),
  );
  if (same < 0) record.push(entry);
  else record[same] = entry;
  writeFileSync(values.out, `${JSON.stringify(record, null, 1)}\n`);
  console.log(JSON.stringify({ dataset, vectors, 'ndcg@10': entry['ndcg@10'], gains: entry.gains }));
}

/** What the study found with both vectors side by side. */
function recordedAuto(dataset) {
  const found = recordedRuns(`bench/experiments/${dataset}/study.json`).filter(
    ({ job }) => job.model === 'auto' && isBoth(job.vectors) && seeds.includes(job.seed),
  );
  return found
    .sort((a, b) => a.job.seed - b.job.seed)
    .map(({ job, result }) => ({
      ...{
        seed: job.seed,
        means: result.metrics,
        perUser: ndcgOf({ result }),
        chosen: result.contest.chosen,
      },
      ...{ trials: result.contest.trials, seconds: result.processorSeconds },
    }));
}

async function trainedAuto(dataset, vectors) {
  const { interactions, embeddings } = await studyData(values.data, dataset, vectors);
  const runs = [];
  for (const seed of seeds) {
    const whole = leaveOneOut(interactions, { order: 'random', seed });
    const split = keep < 1 ? coldStart(whole, { fraction: 1 - keep, seed }) : whole;
    const before = process.cpuUsage();
    const trained = await train({ split, embeddings }, { init: 'auto', seed, runtime });
    const { user, system } = process.cpuUsage(before);
    const { means, perUser } = await trained.evaluate({ ks: [10] });
    const trials = trained.trials.map(({ name, metric }) => ({ name, valid: metric }));
    runs.push({
      ...{ seed, means, perUser: perUser['ndcg@10'], chosen: trained.chosen, trials },
      seconds: (user + system) / 1e6,
    });
  }
  return runs;
}

/** Gains over runs of the recorded studies with the same splits: 95 % bootstrap over users. */
function gainsOver(dataset, runs) {
  const today = recordedRuns(`bench/experiments/${dataset}/study.json`);
  const first = recordedRuns(`bench/experiments/${dataset}/initialisations/study.json`);
  const asTrained = ({ training, pool, order, batch, dim }) =>
    !training && pool === 'mean' && order === 'random' && batch === 256 && [0, 128].includes(dim);
  const only = (model, more = () => true) => {
    const found = today.filter(({ job }) => job.model === model && asTrained(job) && more(job));
    return (seed) => found.find(({ job }) => job.seed === seed);
  };
  const bases = {
    xavier: only('lightgcn', ({ init }) => init === 'xavier'),
    variance: only('lightgcn', ({ init, vectors }) => init === 'variance' && OWN.includes(vectors)),
    ease: only('ease'),
    'graph-pca': only('lightgcn', ({ init, vectors }) => init === 'graph-pca' && isBoth(vectors)),
    l3ae: only('l3ae', ({ vectors }) => isBoth(vectors)),
    // What `auto` was in 0.1: the better of two scales by validation.
    'graph-pca at scale 1 or 2': (seed) =>
      first
        .filter(({ job }) => job.model === 'lightgcn' && job.init === 'graph-pca' && asTrained(job))
        .filter(({ job }) => job.seed === seed && (job.vectors ?? '').includes('+'))
        .filter(({ job }) => [null, 1, 2].includes(job.scale) && [null, 1].includes(job.graphWeight))
        .sort((a, b) => b.result.valid - a.result.valid)[0],
  };
  const gains = {};
  for (const [name, base] of Object.entries(bases)) {
    const pairs = runs.map((run) => [run, base(run.seed)]);
    if (pairs.some(([run, other]) => !other || ndcgOf(other).length !== run.perUser.length)) continue;
    const users = runs[0].perUser.length;
    const meanOver = (value) =>
      Float64Array.from(
        { length: users },
        (_, u) => pairs.reduce((sum, pair) => sum + value(pair, u), 0) / pairs.length,
      );
    const other = pairs.map(([, run]) => ndcgOf(run));
    const difference = meanOver((pair, u) => pair[0].perUser[u] - other[pairs.indexOf(pair)][u]);
    const baseMean = meanOver((pair, u) => other[pairs.indexOf(pair)][u]).reduce((a, b) => a + b) / users;
    const { mean, low, high } = bootstrapInterval(difference, { seed: 2020 });
    gains[name] = { base: baseMean, gain: mean / baseMean, low: low / baseMean, high: high / baseMean };
  }
  return gains;
}

/** The recorded runs of a study under `standard`, of as many interactions as are kept, without special conditions. */
function recordedRuns(path) {
  if (!existsSync(path)) return [];
  const { runs } = JSON.parse(readFileSync(path, 'utf8'));
  return runs.filter(({ job }) => job.protocol === 'standard' && job.keep === keep && !job.condition);
}

/** An encoder's vectors and lexical ones beside them, as `--vectors bert` has them. */
function isBoth(vectors) {
  return vectors?.includes(' + lexical') && !vectors.includes('use512');
}

function ndcgOf({ result }) {
  const [text, deflated] = result.ranks.split(':').reverse();
  const bytes = Buffer.from(text, 'base64');
  return [...(deflated ? inflateRawSync(bytes) : bytes)].map((rank) =>
    rank > 0 && rank <= 10 ? 1 / Math.log2(rank + 1) : 0,
  );
}
