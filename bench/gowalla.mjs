// LightGCN on the Gowalla benchmark split: Recall@20 and NDCG@20 over the epochs.
//
//   npm run build && node bench/gowalla.mjs [--minutes 60] [--every 5] [--data ../shared/data/gowalla]
//
// Settings of LightGCN-PyTorch's published run (Recall@20 .1824, NDCG@20 .1547 after 1,000 epochs): dim 64, 3 layers,
// batch 2048, Adam 1e-3, decay 1e-4 on squared layer-0 norms, initial rows of the norm of N(0, 0.1), i.e. 0.8.
// Appends to bench/experiments/gowalla.json and goes on from gowalla.checkpoint when it is there.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  alignSplit,
  decodeCheckpoint,
  encodeCheckpoint,
  evaluate,
  fit,
  initialize,
  readInteractions,
} from '../dist/index.js';
import { openSource, writeAtomic } from '../dist/node.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    every: { type: 'string', default: '5' },
    data: { type: 'string', default: '../shared/data/gowalla' },
    out: { type: 'string', default: 'bench/experiments/gowalla.json' },
  },
});
const every = Number(values.every);
const checkpointFile = values.out.replace(/json$/, 'checkpoint');

async function read(part) {
  const source = openSource(`${values.data}/${part}.txt`);
  return (await readInteractions(source, { name: `${part}.txt`, format: 'lightgcn' })).interactions;
}

const split = alignSplit(await read('train'), null, await read('test'));
const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 64, scale: 0.8, seed: 2020 });
mkdirSync('bench/experiments', { recursive: true });
let resume = existsSync(checkpointFile)
  ? decodeCheckpoint(readFileSync(checkpointFile), checkpointFile)
  : undefined;
const curve = resume ? JSON.parse(readFileSync(values.out, 'utf8')).curve : [];
const start = performance.now();
const before = curve.at(-1)?.minutes ?? 0;
const minutes = () => (performance.now() - start) / 60_000;

while (minutes() < Number(values.minutes)) {
  const epochs = (curve.at(-1)?.epoch ?? 0) + every;
  const { factors, history } = await fit(split, initial, {
    layers: 3,
    batchSize: 2048,
    epochs,
    regularization: { weight: 1e-4, form: 'squared' },
    seed: 2020,
    resume,
    checkpointEvery: every,
    onCheckpoint: (checkpoint) => {
      resume = checkpoint;
    },
  });
  const trained = minutes();
  const { means } = await evaluate(factors, split, { ks: [20] });
  curve.push({
    epoch: epochs,
    minutes: Number((before + trained).toFixed(2)),
    loss: history.at(-1).loss,
    recall20: means['recall@20'],
    ndcg20: means['ndcg@20'],
  });
  const { epoch, loss, recall20, ndcg20 } = curve.at(-1);
  console.log(
    `epoch ${epoch}  ${minutes().toFixed(1)} min  loss ${loss.toFixed(4)}  recall@20 ${recall20.toFixed(4)}  ndcg@20 ${ndcg20.toFixed(4)}`,
  );
  await writeAtomic(checkpointFile, encodeCheckpoint(resume));
  await writeAtomic(values.out, new TextEncoder().encode(`${JSON.stringify({ curve }, null, 1)}\n`));
}
