import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { train } from '../../src/recipe/train.ts';
import { TrainingData } from '../../src/recipe/trainingData.ts';
import { small, split, vectors } from './shop.ts';

/** What a training gave when the values were recorded. They change by decision only, with a line in CHANGELOG.md. */
const golden = JSON.parse(readFileSync(new URL('../golden/digest.json', import.meta.url), 'utf8'));

function sha256(...parts: (string | Uint8Array | Float32Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

it.each(Object.keys(golden))('%s gives the bytes, metrics and answers that were recorded', async (name) => {
  const init = name === 'sgl' ? 'graph-pca' : name;
  const model = name === 'sgl' ? 'sgl' : 'lightgcn';
  const data = new TrainingData(split, await vectors());
  const trained = await train(data, { ...small, init, model } as Parameters<typeof train>[1]);
  const { bestEpoch, bestMetric: valid, history, factors } = trained.result;
  const { means } = await trained.evaluate();
  const recommender = await trained.recommender();
  const answers = split.train.userIds
    .slice(0, 10)
    .map((user) => recommender.recommend(user, { k: 5 }).map(({ id, score }) => [id, score]));
  expect({
    factors: sha256(factors.users, factors.items),
    ...{ bestEpoch, valid, lossLast: history[history.length - 1].loss },
    ...{ ndcg: means['ndcg@10'], recall20: means['recall@20'] },
    answer: sha256(JSON.stringify(answers)),
    scale: trained.chosenScale,
  }).toEqual(golden[name]);
});
