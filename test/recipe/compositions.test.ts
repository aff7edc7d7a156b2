import { describe, expect, it } from 'vitest';
import { adapterRows } from '../../src/models/parameters/adapterRows.ts';
import { train } from '../../src/recipe/train.ts';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { catalogue, interactions, small, split, vectors } from './shop.ts';

const quick = { ...small, epochs: 4 };

describe('model alpharec', () => {
  it('is LightGCN of users and items that are one trained map, by a softmax of cosines', async () => {
    const data = { split, embeddings: await vectors() };
    const alpharec = await train(data, { ...quick, model: 'alpharec' });
    const map = { init: 'adapter', adapterLayers: 2, adapterUsers: 'mapped' } as const;
    const loss = { name: 'softmax', similarity: 'cosine', softmaxTemperature: 0.15 } as const;
    const same = await train(data, { ...quick, model: 'lightgcn', ...map, loss });
    expect(alpharec.encode()).toEqual(same.encode());
    expect(alpharec.settings.tables).toMatchObject({ adapterLayers: 2, adapterUsers: 'mapped' });
    const own = await train(data, { ...quick, model: 'alpharec', adapterUsers: 'own' });
    expect(own.encode()).not.toEqual(alpharec.encode());
  });
});

describe('model morec', () => {
  it('is LightGCN of a trained map of the vectors by the debiased loss', async () => {
    const data = { split, embeddings: await vectors() };
    const morec = await train(data, { ...quick, model: 'morec' });
    const parts = { model: 'lightgcn', init: 'adapter', loss: { name: 'debiased' } } as const;
    const same = await train(data, { ...quick, ...parts });
    expect(morec.encode()).toEqual(same.encode());
    expect(morec.settings).toMatchObject({
      model: 'lightgcn',
      init: 'adapter',
      fit: { loss: { name: 'debiased' } },
    });
  });

  it('takes another loss, and no other init', async () => {
    const data = { split, embeddings: await vectors() };
    const trained = await train(data, { ...quick, model: 'morec', loss: { name: 'bce' } });
    expect(trained.settings.fit?.loss).toEqual({ name: 'bce' });
    await expect(train(data, { ...quick, model: 'morec', init: 'xavier' })).rejects.toThrow(
      /no init but adapter beside model morec, received xavier/,
    );
  });

  it('needs vectors', async () => {
    await expect(train({ split }, { ...quick, model: 'morec' })).rejects.toThrow(/adapter needs embeddings/);
  });

  it.each([1, 2] as const)(
    'makes the row of a new item from its text, with %i layers',
    async (adapterLayers) => {
      const trained = await train({ interactions, catalogue }, { ...quick, model: 'morec', adapterLayers });
      const bytes = trained.encode();
      const model = decodeModel(bytes, 'model');
      expect(Object.keys(model.itemMap!)).toEqual(['center', 'linear', 'branch']);
      expect(model.itemMap!.branch === null).toBe(adapterLayers === 1);
      const recommender = await Recommender.open(bytes);
      const text = catalogue.texts[3];
      recommender.addItems([{ id: 'new', title: 'New', text }]);
      const again = decodeModel(recommender.encode(), 'model');
      expect(again.itemMap).toEqual(model.itemMap);
      const item = again.itemIds.indexOf('new');
      const { codes } = again.text!.items;
      const { width } = again.text!;
      const own = Array.from(codes.subarray(item * width, (item + 1) * width));
      const length = Math.hypot(...own);
      const moved = own.map((value, k) => value / length - model.itemMap!.center[k]);
      const x = Float32Array.from(moved, (value) => value / Math.hypot(...moved));
      const expected = Array.from(adapterRows(trained.result!.adapter!, x));
      const row = Array.from(again.itemFactors.subarray(item * again.dim, (item + 1) * again.dim));
      const cosine =
        row.reduce((sum, value, c) => sum + value * expected[c], 0) /
        Math.hypot(...row) /
        Math.hypot(...expected);
      expect(cosine).toBeGreaterThan(0.99999);
      expect(
        recommender
          .recommend(model.userIds[0], { k: model.itemIds.length, seen: 'none' })
          .map(({ id }) => id),
      ).toContain('new');
    },
  );

  it('keeps no map beside vectors that it was not trained on', async () => {
    const trained = await train({ interactions, catalogue }, { ...quick, model: 'morec' });
    expect(trained.model({ embeddings: null }).itemMap ?? null).toBeNull();
    expect(trained.model({ embeddings: await vectors() }).itemMap ?? null).toBeNull();
  });
});
