import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../src/data/catalogue.ts';
import { interactionsToCsr } from '../../src/data/csr.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';
import { plantedSplit } from '../models/planted.ts';

const split = plantedSplit();
const { numUsers, numItems } = split.train;
const factors = {
  users: new Float32Array(numUsers * 3).fill(1),
  items: new Float32Array(numItems * 3).fill(2),
  dim: 3,
};

describe('modelFrom', () => {
  it('counts as seen what any part of the split holds, and as degree what training holds', () => {
    const model = decodeModel(encodeModel(modelFrom(split, factors)), 'model');
    const { rowPtr, colIdx } = model.seen!;
    for (let user = 0; user < numUsers; user++) {
      const expected = [split.train, split.valid, split.test].flatMap(({ users, items }) =>
        [...items].filter((_, n) => users[n] === user),
      );
      expect([...colIdx.subarray(rowPtr[user], rowPtr[user + 1])]).toEqual(expected.sort((a, b) => a - b));
    }
    const degrees = new Int32Array(numItems);
    for (const item of split.train.items) degrees[item]++;
    expect(model.itemDegrees).toEqual(degrees);
  });

  it('takes another history, titles, configuration and metrics', () => {
    const seen = interactionsToCsr(split.train);
    const titles = split.train.itemIds.map((id) => `title of ${id}`);
    const itemTitles = new Map(split.train.itemIds.map((id, n) => [id, titles[n]]));
    const options = { seen: split.train, itemTitles, config: { dim: 3 }, metrics: { 'ndcg@10': 0.5 } };
    const model = decodeModel(encodeModel(modelFrom(split, factors, options)), 'model');
    expect(model.seen).toEqual({ rowPtr: seen.rowPtr, colIdx: seen.colIdx });
    expect(model.itemTitles).toEqual(titles);
    expect([model.config, model.metrics]).toEqual([{ dim: 3 }, { 'ndcg@10': 0.5 }]);
  });
});

describe('what belongs to ids comes by id', () => {
  const { itemIds, userIds } = split.train;
  const texts = itemIds.map(() => 'text');
  const expected = itemIds.map((id) => `title of ${id}`);
  const reversed = [...itemIds].reverse();

  it('titles of a catalogue or a map stand at their items, whatever their order', () => {
    const titles = reversed.map((id) => `title of ${id}`);
    const catalogue = new Catalogue(
      [...reversed, 'other'],
      [...texts, 'text'],
      [...titles, 'title of other'],
    );
    const map = new Map([
      ['other', 'title of other'],
      ...reversed.map((id): [string, string] => [id, `title of ${id}`]),
    ]);
    expect(modelFrom(split, factors, { itemTitles: catalogue }).itemTitles).toEqual(expected);
    expect(modelFrom(split, factors, { itemTitles: map }).itemTitles).toEqual(expected);
  });

  it('titles may be missing for some items, or for all', () => {
    const one = new Map([[itemIds[2], 'Pen']]);
    expect(
      modelFrom(split, factors, { itemTitles: one }).itemTitles?.filter((title) => title !== ''),
    ).toEqual(['Pen']);
    expect(modelFrom(split, factors, { itemTitles: new Catalogue(itemIds, texts) }).itemTitles).toBeNull();
    expect(modelFrom(split, factors, { itemTitles: null }).itemTitles).toBeNull();
  });

  it.each<[string, object, RegExp]>([
    [
      'titles by position',
      { itemTitles: expected },
      /expected itemTitles to be a Catalogue, or a Map from item ids to titles, received \["title/,
    ],
    [
      'titles of other ids',
      { itemTitles: new Map([['x', 'y']]) },
      /expected titles of the 24 items .*, received those of 1 other ids \(x …\)/,
    ],
    [
      'a title that is no text',
      { itemTitles: new Map([[itemIds[0], 3]]) },
      /expected a title of item .*, received 3/,
    ],
    [
      'a matrix of histories',
      { seen: interactionsToCsr(split.train) },
      /expected seen to be interactions, received an object with rows/,
    ],
    [
      'histories of others',
      { seen: Interactions.from([{ user: 'x', item: 'y' }]) },
      /received those of others/,
    ],
    ['a misspelled option', { titles: new Map() }, /received titles/],
    [
      'a text for the configuration',
      { config: 'dim 3' },
      /expected config to be an object, received "dim 3"/,
    ],
  ])('%s are refused', (_, options, message) => {
    expect(() => modelFrom(split, factors, options as never)).toThrow(message);
  });

  it('histories are those of the users of the same ids', () => {
    const rows = Array.from(split.train.users, (user, n) => ({
      user: userIds[user],
      item: itemIds[split.train.items[n]],
    }));
    const others = Interactions.from([{ user: 'nobody', item: itemIds[0] }, ...rows.reverse()]);
    const { rowPtr, colIdx } = interactionsToCsr(split.train);
    expect(modelFrom(split, factors, { seen: others }).seen).toEqual({ rowPtr, colIdx });
  });
});
