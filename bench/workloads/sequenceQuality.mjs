// Whether SASRec learns what it should: NDCG@10 on amazon-scientific in order of time, beside a SASRec of the same form on
// torch from the same rows of items, and from text beside its own start from random numbers, user by user over three seeds.
//
// Runs are kept in .bench/quality, so that what was stopped goes on; they are made anew when a setting changes. --seeds and
// --only (llminit, torch) say which are made now; the summary is of all that there are.
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SCRATCH } from '../library.mjs';
import { chooseInterpreter } from '../peers/python.mjs';
import { loadPackage } from '../whole/datasets.mjs';

export const DATASET = 'amazon-scientific';
const SEEDS = [0, 1, 2];
export const TRAINING = { dim: 64, heads: 2, blocks: 2, dropout: 0.5, maxLength: 20, batchSize: 128 };
export const SCHEDULE = { learningRate: 2e-3, patience: 10, epochs: 300 };
const QUICK = { seeds: [0], epochs: 2 };
export const K = 10;

/** By name: what fills the rows of items, and who trains. */
const CONTESTANTS = {
  'llminit, xavier': { init: 'xavier', ours: true },
  'torch, xavier': { init: 'xavier', ours: false },
  'llminit, whitened text': { init: 'whiten', ours: true },
};

export async function quality({ quick, options }) {
  const stem = `${options.data}/${DATASET}/${DATASET}`;
  if (!existsSync(`${stem}.inter`))
    return [{ title: DATASET, absent: [{ name: DATASET, absent: 'no files' }] }];
  const library = await loadPackage();
  const data = await read(library, stem);
  const settings = { ...TRAINING, ...SCHEDULE, ...(quick && { epochs: QUICK.epochs }) };
  const seeds = quick ? QUICK.seeds : options.seeds.split(',').map(Number);
  for (const seed of seeds) {
    for (const [name, { init, ours: isOurs }] of Object.entries(CONTESTANTS)) {
      if (!name.startsWith(options.only)) continue;
      const make = isOurs ? ours : torch;
      const run = await kept(folderOf(name, seed), settings, (folder) =>
        make(library, data, { init, seed, settings, folder }),
      );
      if (run === null) return [{ title: DATASET, absent: [{ name, absent: 'no Python with torch' }] }];
      console.log(`${name}, seed ${seed}: N@${K} ${mean(run.ndcg).toFixed(4)}, ${run.epochs} epochs`);
    }
  }
  return [summary(library, data, settings)];
}

export async function read(library, stem) {
  const { interactions } = await library.readInteractions(createReadStream(`${stem}.inter`), {
    name: `${stem}.inter`,
    needsTimestamp: true,
  });
  const split = library.leaveOneOut(interactions, { order: 'time', seed: 0 });
  const { itemIds } = interactions;
  const { catalogue } = await library.readCatalogue(createReadStream(`${stem}.item`), {
    ...{ name: `${stem}.item`, textColumns: ['description'] },
  });
  const lexical = await library.lexicalEmbeddings(itemIds, catalogue.aligned(itemIds).texts);
  const names = { vectors: `${stem}.bert-cls.f16.npy`, ids: `${stem}.bert-cls.ids.txt` };
  const bert = library.embeddingsFromNpy(readFileSync(names.vectors), readFileSync(names.ids, 'utf8'), names);
  const parts = [{ embeddings: bert, weight: 0.5 }, { embeddings: lexical.embeddings }];
  return { split, embeddings: library.combineEmbeddings(parts, itemIds), interactions };
}

export function folderOf(name, seed) {
  return `${SCRATCH}/quality/${name.replace(/\W+/g, '-')}-${seed}`;
}

/** A run that was made with the same settings; null without one. */
export function found(folder, settings) {
  const file = `${folder}/run.json`;
  if (!existsSync(file)) return null;
  const { settings: before, run } = JSON.parse(readFileSync(file, 'utf8'));
  return JSON.stringify(before) === JSON.stringify(settings) ? run : null;
}

/** A run that was made before, or now. */
export async function kept(folder, settings, make) {
  const before = found(folder, settings);
  if (before) return before;
  mkdirSync(folder, { recursive: true });
  const run = await make(folder);
  if (run) writeFileSync(`${folder}/run.json`, JSON.stringify({ settings, run }));
  return run;
}

export async function ours(library, { split, embeddings }, { init, seed, settings, model = 'sasrec' }) {
  const {
    dim,
    heads,
    blocks: layers,
    dropout: hiddenDropout,
    maxLength,
    batchSize,
    patience,
    epochs,
    evaluateEvery,
  } = settings;
  const began = process.cpuUsage();
  const trained = await library.train(
    { split, ...(init !== 'xavier' && { embeddings }) },
    {
      ...{ model, init, seed, dim, heads, layers, hiddenDropout, maxLength, batchSize },
      ...{
        patience,
        epochs,
        evaluateEvery,
        optimizer: { ...library.ADAM, learningRate: settings.learningRate },
      },
      runtime: await library.load(),
    },
  );
  const { user, system } = process.cpuUsage(began);
  const test = await trained.evaluate({ ks: [K] });
  return {
    ndcg: Array.from(test.perUser[`ndcg@${K}`]),
    ...{ valid: trained.metric, seconds: (user + system) / 1e6 },
    ...{ epochs: trained.result.history.length, bestEpoch: trained.result.bestEpoch },
  };
}

/** null without an interpreter. */
async function torch(library, { split }, { init, seed, settings, folder }) {
  const python = chooseInterpreter();
  if (!python || spawnSync(python, ['-c', 'import torch']).status !== 0) return null;
  const { train, valid, test } = split;
  const { items } = await library.initialize(train, null, { strategy: init, dim: settings.dim, seed });
  const places = Array.from(train.users.keys()).sort(
    (a, b) => train.users[a] - train.users[b] || train.timestamps[a] - train.timestamps[b] || a - b,
  );
  const sequences = Array.from({ length: train.numUsers }, () => []);
  for (const n of places) sequences[train.users[n]].push(train.items[n]);
  for (const part of [valid, test])
    for (const [n, user] of part.users.entries()) sequences[user].push(part.items[n]);
  const rowPtr = Int32Array.from([
    0,
    ...sequences.map(
      (
        (sum) =>
        ({ length }) =>
          (sum += length)
      )(0),
    ),
  ]);
  writeFileSync(`${folder}/settings.json`, JSON.stringify(settings));
  writeFileSync(`${folder}/items.f32`, items);
  writeFileSync(`${folder}/rowPtr.i32`, rowPtr);
  writeFileSync(`${folder}/colIdx.i32`, Int32Array.from(sequences.flat()));
  const { status, stdout, stderr } = spawnSync(
    python,
    ['bench/peers/sequenceQuality.py', folder, `${seed}`],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
  const bytes = readFileSync(`${folder}/ranks.i32`);
  const ranks = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const users = [...new Set(test.users)].sort((a, b) => a - b);
  const ndcg = users.map((user) =>
    ranks[user] > 0 && ranks[user] <= K ? 1 / Math.log2(ranks[user] + 1) : 0,
  );
  return { ndcg, ...JSON.parse(stdout) };
}

/** Of all runs that there are with these settings; two contestants are compared on the seeds that both have. */
function summary(library, { split, interactions }, settings) {
  const runs = Object.keys(CONTESTANTS).map((name) => {
    const bySeed = SEEDS.map((seed) => [seed, found(folderOf(name, seed), settings)]);
    return { name, bySeed: new Map(bySeed.filter(([, run]) => run !== null)) };
  });
  const [own, peer, text] = runs;
  const against = (one, base) => {
    const seeds = [...one.bySeed.keys()].filter((seed) => base.bySeed.has(seed));
    if (seeds.length === 0) return null;
    const [values, before] = [one, base].map(({ bySeed }) =>
      overSeeds(seeds.map((seed) => bySeed.get(seed))),
    );
    const differences = values.map((value, user) => value - before[user]);
    const { mean: difference, low, high } = library.bootstrapInterval(differences, { seed: 2020 });
    return { seeds, difference, low, high };
  };
  const { numUsers, numItems, length } = interactions;
  return {
    key: DATASET,
    title: `${DATASET}, order of time: ${numUsers} users, ${numItems} items, ${length} interactions, ${split.test.length} test items`,
    settings,
    quality: runs
      .filter(({ bySeed }) => bySeed.size > 0)
      .map(({ name, bySeed }) => ({
        name,
        seeds: [...bySeed.values()].map(({ ndcg }) => mean(ndcg)),
        epochs: [...bySeed.values()].map(({ epochs }) => epochs),
        seconds: mean([...bySeed.values()].map(({ seconds }) => seconds)),
      })),
    overTorch: against(own, peer),
    textOverXavier: against(text, own),
    torch: [...peer.bySeed.values()][0]?.torch ?? null,
  };
}

/** The mean over seeds, user by user. */
function overSeeds(runs) {
  return runs[0].ndcg.map((_, user) => mean(runs.map(({ ndcg }) => ndcg[user])));
}

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
