import { describe, expect, it } from 'vitest';
import { CLOSED_MODELS } from '../../src/models/closed/index.ts';
import type { Scorer } from '../../src/rank/scorer.ts';
import { chooseBlend } from '../../src/recipe/chooseBlend.ts';
import { train } from '../../src/recipe/train.ts';
import { load } from '../../src/runtime/load.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';
import { started } from '../rank/started.ts';
import { small, split, vectors } from './shop.ts';

const { userIds, itemIds } = split.train;

/** What a scorer ranks for a user with all that the user likes. */
async function expected(scorer: Scorer, user: number, k: number) {
  const workspace = (await load()).open();
  const history = [split.train, split.valid, split.test]
    .flatMap(({ users, items }) => Array.from(items).filter((_, n) => users[n] === user))
    .sort((a, b) => a - b);
  const found: { id: string; score: number }[] = [];
  const open = started(scorer.open(workspace, 'one', k));
  open.rank(
    1,
    k,
    () => ({ user, history }),
    (_, excluded) => excluded.exclude(history),
    (_, { items, scores }) => {
      for (const [n, item] of items.entries()) found.push({ id: itemIds[item], score: scores[n] });
    },
  );
  workspace.close();
  return found;
}

async function expectServed(scorer: Scorer, bytes: Uint8Array): Promise<void> {
  const recommender = await Recommender.open(bytes);
  for (const user of [0, 7, 23]) {
    const answer = recommender.recommend(userIds[user], { k: 6 });
    expect(answer.map(({ id, score }) => ({ id, score }))).toEqual(await expected(scorer, user, 6));
  }
  expect(recommender.recommendFor([itemIds[0], itemIds[3]], { k: 3 })).toHaveLength(3);
  expect(recommender.similarItems(itemIds[0], { k: 3 }).map(({ id }) => id)).not.toContain(itemIds[0]);
}

describe('a model file', () => {
  it.each(CLOSED_MODELS)('of %s answers as it was measured', async (model) => {
    const trained = await train({ split, embeddings: await vectors() }, { model });
    await expectServed(trained.scorer, trained.encode());
  });

  it('of what auto chose answers as it was measured', async () => {
    const trained = await train({ split, embeddings: await vectors() }, small);
    await expectServed(trained.scorer, trained.encode());
  });

  it('of a blend answers as it was measured, with the weights that validation chose', async () => {
    const data = { split, embeddings: await vectors() };
    const graph = await train(data, { ...small, init: 'graph-pca' });
    const rows = await train(data, { model: 'l3ae' });
    const runtime = await load();
    const { scorer, weight } = await chooseBlend('blend', [graph.scorer, rows.scorer], split, { runtime });
    const model = modelFrom(split, scorer);
    expect(model.blend?.map((share) => [share.part, share.weight])).toEqual([
      ['factors', 1 - weight],
      ['rows', weight],
    ]);
    await expectServed(scorer, encodeModel(model));
  });

  it('holds no blend of blends, nor of two of a kind', async () => {
    const rows = await train({ split, embeddings: await vectors() }, { model: 'l3ae' });
    const runtime = await load();
    const { scorer } = await chooseBlend('twice', [rows.scorer, rows.scorer], split, { runtime });
    expect(() => modelFrom(split, scorer)).toThrow(/a blend of one of each, received twice/);
    const { scorer: deep } = await chooseBlend('deep', [scorer, rows.scorer], split, { runtime });
    expect(() => modelFrom(split, deep)).toThrow(/no blend or transformer within a blend/);
  });
});
