// TIGER on amazon-scientific in order of time, on the split of `quality`: what its training takes, and NDCG@10 beside that of SASRec
// where `quality` has been made. Runs are kept as those are.
import { existsSync } from 'node:fs';
import { loadPackage } from '../whole/datasets.mjs';
import {
  DATASET,
  folderOf,
  found,
  K,
  kept,
  mean,
  ours,
  read,
  SCHEDULE,
  TRAINING,
} from './sequenceQuality.mjs';

const NAME = 'llminit, codes of text (TIGER)';
const SASREC = ['llminit, xavier', 'llminit, whitened text'];
const OWN = { dropout: 0.2, batchSize: 64, epochs: 8, evaluateEvery: 2 };
const SEED = 0;

export async function codes({ quick, options }) {
  const stem = `${options.data}/${DATASET}/${DATASET}`;
  if (!existsSync(`${stem}.inter`))
    return [{ title: DATASET, absent: [{ name: DATASET, absent: 'no files' }] }];
  const library = await loadPackage();
  const data = await read(library, stem);
  const sasrec = { ...TRAINING, ...SCHEDULE };
  const settings = { ...sasrec, ...OWN, ...(quick && { epochs: 1 }) };
  const run = await kept(folderOf(NAME, SEED), settings, () =>
    ours(library, data, { init: 'whiten', seed: SEED, settings, model: 'tiger' }),
  );
  const beside = SASREC.map((name) => [name, found(folderOf(name, SEED), sasrec)]);
  const { numUsers, numItems, length } = data.interactions;
  return [
    {
      key: DATASET,
      title: `${DATASET}, order of time: ${numUsers} users, ${numItems} items, ${length} interactions`,
      settings,
      codes: [[NAME, run], ...beside.filter(([, other]) => other !== null)].map(([name, one]) => ({
        ...{ name, ndcg: mean(one.ndcg), valid: one.valid, epochs: one.epochs, bestEpoch: one.bestEpoch },
        ...{ seconds: one.seconds, k: K },
      })),
    },
  ];
}
