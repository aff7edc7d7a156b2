import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { TrainOptions } from '../../src/recipe/options.ts';
import { train } from '../../src/recipe/train.ts';
import { TrainingData } from '../../src/recipe/trainingData.ts';
import { small, split, vectors } from './shop.ts';

interface Recorded {
  readonly options: TrainOptions;
  readonly result: object;
}

/** What trainings gave when they were recorded. A change is a decision, with a line in CHANGELOG.md. */
const golden: Record<string, Recorded> = JSON.parse(
  readFileSync(new URL('../golden/digest.json', import.meta.url), 'utf8'),
);

function sha256(...parts: (string | Uint8Array | Float32Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

it.each(Object.keys(golden))('%s gives the bytes, metrics and answers that were recorded', async (name) => {
  const { options, result } = golden[name];
  const trained = await train(new TrainingData(split, await vectors()), { ...small, ...options });
  const { userFactors, itemFactors, rows } = trained.model();
  const { means } = await trained.evaluate();
  const recommender = await trained.recommender();
  const answers = split.train.userIds
    .slice(0, 10)
    .map((user) => recommender.recommend(user, { k: 5 }).map(({ id, score }) => [id, score]));
  expect({
    factors: sha256(userFactors ?? '', itemFactors),
    ...(rows && { rows: sha256(rows.weights) }),
    bestEpoch: trained.result?.bestEpoch ?? 0,
    valid: trained.metric,
    lossLast: trained.result?.history.at(-1)?.loss ?? null,
    ...{ ndcg: means['ndcg@10'], recall20: means['recall@20'] },
    answer: sha256(JSON.stringify(answers)),
  }).toEqual(result);
});
