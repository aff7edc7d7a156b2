import { expect, it, vi } from 'vitest';
import { train } from '../../src/recipe/train.ts';
import { TrainingData } from '../../src/recipe/trainingData.ts';
import { sampledUsers } from '../../src/recipe/validationSample.ts';
import { fit } from '../../src/train/fit.ts';
import { small, split, vectors } from './shop.ts';

/** Data that are validated on every other user, as those of very many are. */
async function sampledData(): Promise<TrainingData> {
  const data = new TrainingData(split, await vectors());
  const most = Math.ceil(new Set(split.valid.users).size / 2);
  vi.spyOn(data, 'sampled', 'get').mockReturnValue({ ...split, valid: sampledUsers(split.valid, most) });
  return data;
}

it('validates the epochs of a named model on a sample of very many users, and what is kept on all of them', async () => {
  const data = await sampledData();
  const trained = await train(data, { ...small, init: 'xavier' });
  const { sampled } = data;
  const tables = await data.initialTables({ strategy: 'xavier', dim: small.dim });
  const { history } = await fit(sampled, tables, trained.settings.fit as object);
  expect(trained.result?.history.map(({ metric }) => metric)).toEqual(history.map(({ metric }) => metric));
  const { means } = await trained.evaluate({ part: 'valid', ks: [10] });
  expect(trained.metric).toBe(means['ndcg@10']);
  expect(trained.metric).not.toBe(trained.result?.bestMetric);
  const validatedBy = new Set(sampled.valid.users).size;
  expect(trained.trials[0].report).toMatchObject({ epochsValidatedBy: validatedBy });
});

it('says nothing of a sample where all users are validated', async () => {
  const trained = await train({ split }, { ...small, init: 'xavier' });
  expect(trained.trials[0].report).not.toHaveProperty('epochsValidatedBy');
  expect(trained.metric).toBe(trained.result?.bestMetric);
});

it('compares the candidates of a choice by the users of the sample', async () => {
  const data = await sampledData();
  const metrics: number[] = [];
  const { trials } = await train(data, {
    ...small,
    onProgress: ({ fit: event }) => {
      if (event?.kind === 'epoch' && event.metric !== null) metrics.push(event.metric);
    },
  });
  const graph = trials.find(({ model }) => model === 'lightgcn');
  expect(graph?.metric).toBe(Math.max(...metrics));
  expect(graph?.report).not.toHaveProperty('epochsValidatedBy');
});
