// Closed forms on the datasets beside the project: settings by validation, test NDCG@10 under `standard`, processor time.
//
//   node bench/closedForms.mjs [--data ../shared/data] [--dataset amazon-office,…] [--models ease,l3ae] [--seeds 0,1]
//   node bench/closedForms.mjs --dataset gowalla              sparse rows without text, Recall@20
//   node bench/closedForms.mjs --dataset synthetic            200,000 items with text, approximate search among them
//   node bench/closedForms.mjs --dataset amazon-beauty-titles --models l3ae --seeds 0 --grid one
//   node bench/closedForms.mjs --dataset threads              one thread and two by turns, by the clock, and their bytes
//
// Appends to bench/experiments/closedForms.json.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { normalNumbers, randomFrom } from './graphs.mjs';
import { loadLibrary, prepareScratch } from './library.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    dataset: { type: 'string', default: 'amazon-office,amazon-scientific-small,amazon-scientific' },
    models: { type: 'string', default: 'ease,l3ae' },
    seeds: { type: 'string', default: '0,1' },
    grid: { type: 'string', default: 'all' },
    out: { type: 'string', default: 'bench/experiments/closedForms.json' },
  },
});
prepareScratch();
const library = await loadLibrary('bench/packageEntry.ts', 'package');
const { chooseClosed, evaluateScorer, findClosedModel, l3ae } = library;

/** Turns of one thread and of two: the ratio of a turn says more than a time, where other work shares the machine. */
const TURNS = 7;

/** Vectors beside the lexical ones, with the weight of half of theirs. */
const VECTORS = { 'amazon-scientific-small': ['use512.f16', 'use512'] };
const record = existsSync(values.out) ? JSON.parse(readFileSync(values.out, 'utf8')) : [];

for (const dataset of values.dataset.split(',')) {
  if (dataset === 'gowalla') await gowalla();
  else if (dataset === 'synthetic') await synthetic();
  else if (dataset === 'threads') await threads();
  else await amazon(dataset);
}

function seconds(before) {
  return Number(((process.cpuUsage().user - before) / 1e6).toFixed(2));
}

function keep(entry) {
  console.log(JSON.stringify(entry));
  record.push(entry);
  writeFileSync(values.out, `${JSON.stringify(record, null, 1)}\n`);
}

async function readAmazon(dataset) {
  const stem = `${values.data}/${dataset}/${dataset}`;
  const office = dataset === 'amazon-office';
  const { interactions } = await library.readInteractions(library.openSource(`${stem}.inter`), {
    name: `${stem}.inter`,
    minRating: office ? 4 : undefined,
  });
  const kept = office ? library.kCore(interactions, 5) : interactions;
  return { kept, embeddings: await vectorsOf(dataset, stem, kept.itemIds) };
}

/** What is linear algebra from end to end, on amazon-scientific, in one thread and in two. */
async function threads() {
  const { kept, embeddings } = await readAmazon('amazon-scientific');
  const { train } = library.ratioSplit(kept, { seed: 0 });
  const pools = [await library.loadThreads({ threads: 1 }), await library.loadThreads({ threads: 2 })];
  const jobs = {
    'l3ae, one setting': async (runtime) => (await l3ae(train, embeddings, { runtime })).rows.weights,
    'l3ae of clicks alone': async (runtime) => (await l3ae(train, null, { runtime })).rows.weights,
    'graph PCA': async (runtime) =>
      (await library.initialize(train, embeddings, { strategy: 'graph-pca', runtime })).items,
  };
  for (const [job, run] of Object.entries(jobs)) {
    const times = [[], []];
    const digests = new Set();
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [n, runtime] of turn % 2 === 0 ? [...pools.entries()] : [...pools.entries()].reverse()) {
        const start = performance.now();
        const result = await run(runtime);
        times[n].push((performance.now() - start) / 1000);
        digests.add(createHash('sha256').update(new Uint8Array(result.buffer)).digest('hex'));
      }
    }
    const ratios = times[0].map((time, turn) => time / times[1][turn]).sort((a, b) => a - b);
    const least = times.map((all) => Number(Math.min(...all).toFixed(2)));
    keep({
      dataset: 'threads',
      job,
      seconds: least,
      ratioOfLeast: Number((least[0] / least[1]).toFixed(2)),
      medianRatioByTurn: Number(ratios[TURNS >> 1].toFixed(2)),
      sameBytes: digests.size === 1,
    });
  }
  for (const pool of pools) pool.close?.();
}

async function amazon(dataset) {
  const { kept, embeddings } = await readAmazon(dataset);
  for (const seed of values.seeds.split(',').map(Number)) {
    const split = library.ratioSplit(kept, { seed });
    for (const name of values.models.split(',')) {
      const model = findClosedModel(name);
      const before = process.cpuUsage().user;
      const { scorer, settings, valid, compared } = await chooseClosed(model, split, embeddings, {
        grid: values.grid === 'one' ? model.grid(true).slice(0, 1) : undefined,
      });
      const all = seconds(before);
      const test = (await evaluateScorer(scorer, split, { ks: [10] })).means['ndcg@10'];
      const one = process.cpuUsage().user;
      await model.train(split.train, embeddings, [settings]);
      keep({ dataset, seed, model: name, settings, valid, test, compared, oneSetting: seconds(one), all });
    }
  }
}

async function vectorsOf(dataset, stem, itemIds) {
  const name = `${stem}.item`;
  const { catalogue } = await library.readCatalogue(library.openSource(name), {
    name,
    textColumns: dataset.endsWith('titles') ? ['title'] : ['description'],
  });
  const { texts, missing } = catalogue.aligned(itemIds);
  const present = itemIds.filter((id) => !missing.includes(id));
  const lexical = await library.lexicalEmbeddings(
    present,
    texts.filter((text) => text !== ''),
  );
  const parts = [{ embeddings: lexical.embeddings, weight: 1 }];
  const [file, ids] = VECTORS[dataset] ?? ['bert-cls.f16', 'bert-cls'];
  if (existsSync(`${stem}.${file}.npy`)) {
    const names = { vectors: `${stem}.${file}.npy`, ids: `${stem}.${ids}.ids.txt` };
    const embeddings = library.embeddingsFromNpy(
      readFileSync(names.vectors),
      readFileSync(names.ids, 'utf8'),
      names,
    );
    parts.push({ embeddings, weight: 0.5 });
  }
  return library.combineEmbeddings(parts, itemIds);
}

/** The settings of the sparse form without text: λ 50, m 100, p 1, four steps. */
async function gowalla() {
  const read = async (part) => {
    const name = `${values.data}/gowalla/${part}.txt`;
    return (await library.readInteractions(library.openSource(name), { name, format: 'lightgcn' }))
      .interactions;
  };
  const split = library.alignSplit(await read('train'), null, await read('test'));
  const before = process.cpuUsage().user;
  const settings = { regularization: 50 };
  const scorer = await l3ae(split.train, null, settings);
  const oneSetting = seconds(before);
  const { means } = await evaluateScorer(scorer, split, { ks: [20] });
  const bytes = scorer.rows.indices.length / scorer.numItems;
  keep({
    dataset: 'gowalla',
    model: 'l3ae',
    settings,
    recall20: means['recall@20'],
    ndcg20: means['ndcg@20'],
    oneSetting,
    entriesAnItem: bytes,
  });
}

/** Users of two themes each, items with vectors near their theme's: what a catalogue with text looks like, made from a seed. */
async function synthetic(items = 200_000, users = 150_000, perUser = 8, width = 128, themes = 4_000) {
  const random = randomFrom(11);
  const centres = normalNumbers(themes * width, 1, 12);
  const noise = normalNumbers(items * width, 0.7, 13);
  const itemIds = Array.from({ length: items }, (_, item) => `i${item}`);
  const vectors = noise.map(
    (value, at) => value + centres[(Math.floor(at / width) % themes) * width + (at % width)],
  );
  const embeddings = new library.Embeddings({ ids: itemIds, width, vectors, source: 'synthetic' });
  const rows = function* () {
    for (let user = 0; user < users; user++) {
      const own = [0, 1].map(() => Math.floor(random() * themes));
      const taken = new Set();
      while (taken.size < perUser)
        taken.add(own[taken.size % 2] + themes * Math.floor(random() * random() * (items / themes)));
      for (const item of taken) yield { user: `u${user}`, item: `i${item}` };
    }
  };
  const split = library.ratioSplit(library.Interactions.from(rows()), { seed: 0 });
  const some = { ...split, test: split.test.subset(Array.from({ length: 5_000 }, (_, n) => 20 * n)) };
  const before = process.cpuUsage().user;
  const scorer = await l3ae(split.train, embeddings, {});
  const oneSetting = seconds(before);
  const ease = process.cpuUsage().user;
  const clicks = await l3ae(split.train, null, {});
  const withoutText = seconds(ease);
  const quality = async (model) => (await evaluateScorer(model, some, { ks: [20] })).means['recall@20'];
  keep({
    dataset: 'synthetic',
    items: scorer.numItems,
    interactions: split.train.length,
    model: 'l3ae',
    recall20: await quality(scorer),
    recall20WithoutText: await quality(clicks),
    oneSetting,
    withoutText,
    entriesAnItem: scorer.rows.indices.length / scorer.numItems,
  });
}
