// Processor seconds until LightGCN has Recall@20 .14 on the Gowalla benchmark split, trained as `train` does it: its loss, and
// batches, rates and seed by its defaults, which were chosen on other datasets. dim 64, 3 layers, as in the published run.
//
//   npm run build && node bench/gowallaTime.mjs [--epochs 6] [--data ../shared/data/gowalla]
//
// One thread; from the file on, evaluation not counted. Writes bench/experiments/gowallaTime.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  alignSplit,
  evaluate,
  fit,
  initialize,
  load,
  readInteractions,
  recommendedTraining,
  TrainingData,
  train,
} from '../dist/index.js';
import { openSource } from '../dist/node.js';

const { values } = parseArgs({
  options: {
    epochs: { type: 'string', default: '6' },
    data: { type: 'string', default: '../shared/data/gowalla' },
  },
});
const SETTINGS = { dim: 64, layers: 3, seed: 2020 };

const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function read(part) {
  const source = openSource(`${values.data}/${part}.txt`);
  return (await readInteractions(source, { name: `${part}.txt`, format: 'lightgcn' })).interactions;
}

const runtime = await load();
const trained = await read('train');
let spent = processor();
const split = alignSplit(trained, null, await read('test'));
const { settings } = await train(new TrainingData(split, null), {
  ...{ ...SETTINGS, model: 'lightgcn', epochs: 1, runtime },
});
const { batchSize, optimizer } = settings.fit;
const started = processor();
const { dim, layers, seed } = SETTINGS;
const initial = await initialize(split.train, null, { strategy: 'xavier', dim, seed, runtime });
spent += processor() - started;
const options = { ...recommendedTraining('lightgcn'), batchSize, optimizer, layers, seed, runtime };
let resume;
const onCheckpoint = (checkpoint) => {
  resume = checkpoint;
};
const curve = [];
for (let epoch = 1; epoch <= Number(values.epochs); epoch++) {
  const before = processor();
  const { factors } = await fit(split, initial, {
    ...{ ...options, epochs: epoch, resume, checkpointEvery: 1, onCheckpoint },
  });
  spent += processor() - before;
  const { means } = await evaluate(factors, split, { ks: [20], runtime });
  curve.push({ epoch, processor: spent, recall20: means['recall@20'], ndcg20: means['ndcg@20'] });
  console.log(
    `epoch ${epoch}: ${spent.toFixed(1)} s, recall@20 ${means['recall@20'].toFixed(4)}, ndcg@20 ${means['ndcg@20'].toFixed(4)}`,
  );
}
mkdirSync('bench/experiments', { recursive: true });
const { learningRate } = optimizer;
const found = { batchSize, learningRate, curve };
writeFileSync('bench/experiments/gowallaTime.json', `${JSON.stringify(found, null, 1)}\n`);
