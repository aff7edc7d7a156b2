import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  alignEmbeddings,
  decodeCheckpoint,
  decodeModel,
  embeddingsFromSafetensors,
  encodeModel,
  fit,
  initialize,
  isLlminitError,
  leaveOneOut,
  type Recommendation,
  Recommender,
  readInteractions,
} from '../src/index.ts';

const file = (name: string) =>
  new Uint8Array(readFileSync(new URL(`./fixtures/v1/${name}`, import.meta.url)));
const expected = JSON.parse(new TextDecoder().decode(file('expected.json')));

/** Same ids and titles in the same order; scores as close as an int8 index or another order of summation may be. */
function expectAnswers(found: readonly Recommendation[], wanted: readonly Recommendation[]): void {
  expect(found.map(({ id, title }) => ({ id, title }))).toEqual(
    wanted.map(({ id, title }) => ({ id, title })),
  );
  found.forEach(({ score }, n) => {
    expect(score).toBeCloseTo(wanted[n].score, 5);
  });
}

describe('a model file of version 0.1.0', () => {
  let recommender: Recommender;
  beforeAll(async () => {
    recommender = await Recommender.open(file('model.safetensors'));
  });

  it('answers for its users, for histories, for items and for strangers as it did', () => {
    for (const [user, list] of Object.entries<Recommendation[]>(expected.recommend)) {
      expectAnswers(recommender.recommend(user, { k: 4 }), list);
    }
    expectAnswers(recommender.recommendFor(['rye', 'kettle'], { k: 4 }), expected.recommendFor);
    expectAnswers(recommender.similarItems('rye', { k: 4 }), expected.similarItems);
    expectAnswers(recommender.popularItems({ k: 4 }), expected.popularItems);
  });

  it('shows the ids, titles, configuration and metrics that it holds', () => {
    const { userIds, itemIds, itemTitles, dim, config, metrics, seen } = recommender.model;
    const found = { userIds, itemIds, itemTitles, dim, config, metrics, seen: [...seen!.colIdx] };
    expect(found).toEqual(expected.model);
  });

  it('answers the same after being written by this version', async () => {
    const again = await Recommender.open(encodeModel(decodeModel(file('model.safetensors'), 'v1')));
    expectAnswers(again.recommendFor(['rye', 'kettle'], { k: 4 }), expected.recommendFor);
    expect(again.model.userIds).toEqual(expected.model.userIds);
  });

  it('answers for histories without users, titles and seen items', async () => {
    const bare = await Recommender.open(file('items-only.safetensors'));
    expectAnswers(bare.recommendFor(['rye', 'kettle'], { k: 4 }), expected.itemsOnly.recommendFor);
    expectAnswers(bare.similarItems('rye', { k: 3 }), expected.itemsOnly.similarItems);
    expect(bare.recommendFor(['rye'], { k: 1 })[0].title).toBeNull();
  });
});

describe('text vectors of version 0.1.0', () => {
  it('are read with their ids and source', () => {
    const { ids, width, source, vectors } = embeddingsFromSafetensors(file('embeddings.safetensors'), 'v1');
    const first = [...vectors.subarray(0, width)];
    expect({ ids, width, source, first }).toEqual(expected.embeddings);
  });
});

describe('a checkpoint of version 0.1.0', () => {
  it('is resumed to the bytes of an uninterrupted run, or refused with a word on what to do', async () => {
    const { interactions } = await readInteractions(file('interactions.csv'), { name: 'interactions.csv' });
    const split = leaveOneOut(interactions, { order: 'random', seed: 2 });
    const embeddings = embeddingsFromSafetensors(file('embeddings.safetensors'), 'v1');
    expect(alignEmbeddings(embeddings, split.train.itemIds).missing).toHaveLength(0);
    const initial = await initialize(split.train, embeddings, { strategy: 'variance', dim: 8 });
    const resumed = async () => {
      const resume = decodeCheckpoint(file('checkpoint.safetensors'), 'checkpoint.safetensors');
      const { factors } = await fit(split, initial, { epochs: 7, batchSize: 8, seed: 5, resume });
      return { epochs: 7, items: digest(factors.items), users: digest(factors.users) };
    };
    const outcome = await resumed().catch((error: unknown) => error);
    if (outcome instanceof Error) {
      expect(isLlminitError(outcome), String(outcome)).toBe(true);
      expect(outcome.message).toMatch(/checkpoint/i);
      expect(outcome.message).toMatch(/start (anew|again)|without/i);
    } else expect(outcome).toEqual(expected.resumed);
  });
});

describe('the names that 0.1.0 exported', () => {
  const { exports } = JSON.parse(new TextDecoder().decode(file('interface.json')));
  const migrating = readFileSync(new URL('../MIGRATING.md', import.meta.url), 'utf8');

  for (const [entry, names] of Object.entries<string[]>(exports)) {
    it(`can still be imported from ${entry}, or MIGRATING.md says what to do`, async () => {
      const module = await import(`../src/${entry}.ts`);
      expect(names.length).toBeGreaterThan(4);
      const gone = names.filter((name) => !(name in module));
      expect(gone.filter((name) => !migrating.includes(`\`${name}`))).toEqual([]);
    });
  }
});

/** FNV-1a of the bytes, in hexadecimal. */
function digest(values: Float32Array): string {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}
