// The whole way of llminit in a process of its own, from the file to the first answer, by stage:
//
//   node bench/whole/ours.mjs '<dataset as JSON>' auto | graph
//
// `auto`: what `train` does unless told otherwise. `graph`: its graph model alone, from graph PCA.
import { writeFileSync } from 'node:fs';
import { loadPackage, readDataset, readTexts, SEED } from './datasets.mjs';
import { report, Stages } from './stages.mjs';

const [, , json, mode] = process.argv;
const dataset = JSON.parse(json);
const stages = new Stages();
const library = await loadPackage();
const runtime = await library.load();
stages.end('start');
const all = await readDataset(library, dataset);
const known = dataset.item ? await readTexts(library, dataset, all.itemIds) : null;
stages.end('read');
const core = dataset.kCore ? library.kCore(all, dataset.kCore) : all;
const split = library.leaveOneOut(core, { order: 'random', seed: SEED });
stages.end('filter');
const embeddings = known ? await embedded(known, core.itemIds) : null;
stages.end('vectors');
const data = new library.TrainingData(split, embeddings);
const curve = [];
const { bytes, valid, found = null } = mode === 'auto' ? await choice() : await graphModel();
const path = `${dataset.folder}/ours-${mode}.safetensors`;
writeFileSync(path, bytes);
stages.end('save');
const recommender = await library.Recommender.open(path.startsWith('/') ? await fileBytes(path) : bytes);
stages.end('open');
const items = recommender.recommend(split.train.userIds[split.train.users[0]], { k: 10 });
stages.end('answer');
report({ stages: stages.stages, curve, valid, found, complete: true, answer: items.length });

async function embedded({ ids, texts }, itemIds) {
  const left = new Set(itemIds);
  const kept = ids.map((_, n) => n).filter((n) => left.has(ids[n]));
  const of = (values) => kept.map((n) => values[n]);
  return (await library.lexicalEmbeddings(of(ids), of(texts))).embeddings;
}

async function fileBytes(file) {
  return (await import('node:fs')).readFileSync(file);
}

/** Ends a stage with every epoch: what is between the last batch and the end is validation. */
function follow({ kind, batch, batches, metric }) {
  if (kind === 'batch') {
    if (batch === batches) stages.end('epochs');
    return;
  }
  curve.push({ ...stages.end('validation'), metric });
}

async function graphModel() {
  const strategy = embeddings ? 'graph-pca' : 'xavier';
  await data.initialTables({ strategy, seed: SEED, runtime });
  stages.end('initialisation');
  const onProgress = ({ fit }) => fit && follow(fit);
  const trained = await library.train(data, { model: 'lightgcn', seed: SEED, runtime, onProgress });
  stages.end('epochs');
  return { bytes: trained.encode(), valid: trained.metric };
}

async function choice() {
  let trial = 1;
  const ends = [];
  const onProgress = (event) => {
    if (event.trial !== trial) {
      ends.push(stages.end(trial === 1 ? 'l3ae' : 'blend'));
      trial = event.trial;
    }
    if (event.fit) follow(event.fit);
  };
  const trained = await library.train(data, { seed: SEED, runtime, onProgress });
  ends.push(stages.end('blend'));
  const found = trained.trials.map(({ name, metric }, n) => ({ name, metric, ...ends[n] }));
  return { bytes: trained.encode(), valid: trained.metric, found };
}
