import { expect, it } from 'vitest';
import { embeddingsFromTable } from '../src/embed/tableVectors.ts';
import {
  Embeddings,
  embeddingsFromNpy,
  encodeModel,
  evaluate,
  fit,
  Interactions,
  initialize,
  leaveOneOut,
  modelFrom,
  Recommender,
  readCatalogue,
  readInteractions,
} from '../src/index.ts';
import { rowModel } from './serve/sampleModels.ts';

const rows = Array.from({ length: 300 }, (_, n) => ({
  user: `u${n % 30}`,
  item: `i${(n * 7 + (n % 11)) % 20}`,
}));
const split = leaveOneOut(Interactions.from(rows), { order: 'random', seed: 1 });
const { itemIds } = split.train;
const vectors = () => Float32Array.from({ length: 8 * itemIds.length }, (_, n) => ((n * 7919) % 101) / 101);
const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 4, seed: 1 });
const { factors } = await fit(split, initial, { epochs: 1 });
const utf8 = (text: string) => new TextEncoder().encode(text);

const npy = () => {
  const head = `${"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117)}\n`;
  const bytes = new Uint8Array(10 + head.length + 16);
  bytes.set([0x93, 78, 85, 77, 80, 89, 1, 0, head.length, 0, ...utf8(head)]);
  const view = new DataView(bytes.buffer);
  for (let n = 0; n < 4; n++) view.setFloat32(10 + head.length + 4 * n, n, true);
  return bytes;
};

const copyOf = <T extends Float32Array>(values: T) => values.slice();

/**
 * Buffers of a caller's, and what a public function makes of them: looked at before and after they are overwritten, by what is
 * answered from them. `arguments/aliasing.test.ts` looks at every function of every entry.
 */
const TAKEN: Readonly<Record<string, () => Promise<[buffers: ArrayBufferView[], look: () => unknown]>>> = {
  'Recommender.open': async () => {
    const bytes = encodeModel(modelFrom(split, factors));
    const recommender = await Recommender.open(bytes);
    return [[bytes], () => [recommender.recommend('u1', { k: 5 }), recommender.encode()]];
  },
  'Recommender.open of rows': async () => {
    const bytes = encodeModel(rowModel());
    const recommender = await Recommender.open(bytes);
    return [[bytes], () => [recommender.recommend('user 1', { k: 5 }), recommender.encode()]];
  },
  embeddingsFromNpy: async () => {
    const bytes = npy();
    const read = embeddingsFromNpy(bytes, 'a\nb\n', { vectors: 'v.npy', ids: 'ids.txt' });
    return [[bytes], () => [...read.vectors]];
  },
  embeddingsFromTable: async () => {
    const bytes = utf8('{"id":"a","vector":[1,2]}\n');
    const read = await embeddingsFromTable(bytes, 'v');
    return [[bytes], () => [read.ids, ...read.vectors]];
  },
  readInteractions: async () => {
    const bytes = utf8('user,item\nu1,i1\nu2,i2\n');
    const { interactions } = await readInteractions(bytes, { name: 'x' });
    return [[bytes], () => [interactions.userIds, interactions.itemIds, [...interactions.users]]];
  },
  readCatalogue: async () => {
    const bytes = utf8('item_id,title\ni1,lamp\ni2,chair\n');
    const { catalogue } = await readCatalogue(bytes, { name: 'x' });
    return [[bytes], () => [catalogue.ids, catalogue.texts]];
  },
  initialize: async () => {
    const values = vectors();
    const given = new Embeddings({ ids: itemIds, width: 8, vectors: values, source: 'x' });
    const made = await initialize(split.train, given, { strategy: 'full' });
    return [[values], () => [[...made.items], [...made.users]]];
  },
  fit: async () => {
    const given = { ...initial, users: copyOf(initial.users), items: copyOf(initial.items) };
    const made = await fit(split, given, { epochs: 1 });
    return [[given.users, given.items], () => [[...made.factors.users], [...made.factors.items]]];
  },
  evaluate: async () => {
    const given = { ...factors, users: copyOf(factors.users), items: copyOf(factors.items) };
    const measured = await evaluate(given, split, { ks: [5] });
    return [[given.users, given.items], () => measured.means];
  },
  encodeModel: async () => {
    const given = { ...factors, users: copyOf(factors.users), items: copyOf(factors.items) };
    const bytes = encodeModel(modelFrom(split, given));
    return [[given.users, given.items], () => bytes];
  },
};

it.each(Object.entries(TAKEN))('%s keeps no buffer of its caller', async (_, take) => {
  const [buffers, look] = await take();
  const before = structuredClone(look());
  for (const { buffer, byteOffset, byteLength } of buffers)
    new Uint8Array(buffer, byteOffset, byteLength).fill(0xff);
  expect(look()).toEqual(before);
});

it('functions leave the buffers that they are given as they were', async () => {
  const values = vectors();
  const given = { ...initial, users: copyOf(initial.users), items: copyOf(initial.items) };
  const own = new Embeddings({ ids: itemIds, width: 8, vectors: values, source: 'x' });
  await initialize(split.train, own, { strategy: 'pca', dim: 2 });
  await fit(split, given, { epochs: 2 });
  const bytes = encodeModel(modelFrom(split, factors));
  const same = bytes.slice();
  const recommender = await Recommender.open(bytes);
  recommender.addInteractions([{ user: 'u1', item: itemIds[0] }]);
  recommender.hide([itemIds[1]]);
  expect(values).toEqual(vectors());
  expect([given.users, given.items]).toEqual([initial.users, initial.items]);
  expect(bytes).toEqual(same);
});
