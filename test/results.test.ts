import { expect, it } from 'vitest';
import {
  Embeddings,
  ease,
  encodeModel,
  evaluate,
  evaluateScorer,
  fit,
  Interactions,
  initialize,
  leaveOneOut,
  lexicalEmbeddings,
  modelFrom,
  Recommender,
} from '../src/index.ts';

// What this version computes, to the last bit. A change of results is a decision: record it by
// `npm test -- --update test/results.test.ts`, and tell users in CHANGELOG.md.
const RECORD = './golden/results.json';

/** By name, so that another strategy or model changes nothing here until it is recorded. */
const STRATEGIES = [
  'xavier',
  'random',
  'uniform',
  'variance',
  'full',
  'pca',
  'whiten',
  'graph-pca',
  'projection',
] as const;
const MODELS = ['lightgcn', 'bpr-mf', 'sgl', 'sgcl', 'mixsgcl'] as const;

const USERS = 90;
const ITEMS = 48;
const WIDTH = 24;

/** Numerical Recipes' linear congruential generator, its upper bits. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

const random = generator(7);
const rows = Array.from({ length: USERS * 9 }, (_, n) => {
  const user = n % USERS;
  const theme = random() % 4 === 0 ? random() % 6 : user % 6;
  return { user: `u${user}`, item: `i${(random() % (ITEMS / 6)) * 6 + theme}` };
});
const split = leaveOneOut(Interactions.from(rows), { order: 'random', seed: 3 });
const { itemIds } = split.train;
/** Sixteenths, which every engine reads alike. */
const embeddings = new Embeddings({
  ids: itemIds,
  width: WIDTH,
  vectors: Float32Array.from(itemIds.flatMap((id) => Array.from({ length: WIDTH }, (_, c) => entry(id, c)))),
  source: 'planted',
});

function entry(id: string, column: number): number {
  return (Number(id.slice(1)) % 6 === column % 6 ? 1 : 0) + ((random() % 17) - 8) / 16;
}

/** FNV-1a of the bytes, in hexadecimal. */
function digest(...arrays: readonly Float32Array[]): string {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

it('computes what this version has always computed', async () => {
  const strategies: Record<string, string> = {};
  for (const strategy of STRATEGIES) {
    const { items, users } = await initialize(split.train, embeddings, {
      strategy,
      dim: strategy === 'full' ? WIDTH : 8,
    });
    strategies[strategy] = digest(items, users);
  }
  const models: Record<string, unknown> = {};
  const initial = await initialize(split.train, embeddings, { strategy: 'variance', dim: 16 });
  for (const model of MODELS) {
    const { factors } = await fit(split, initial, { model, epochs: 3, batchSize: 128, seed: 1 });
    const { means } = await evaluate(factors, split, { ks: [10] });
    const recommender = await Recommender.open(encodeModel(modelFrom(split, factors)));
    const answers = [recommender.recommend('u5', { k: 3 }), recommender.recommendFor(['i4', 'i9'], { k: 3 })];
    models[model] = {
      factors: digest(factors.items, factors.users),
      'ndcg@10': means['ndcg@10'],
      answers: answers.map((list) => list.map(({ id, score }) => `${id} ${score}`).join(', ')),
    };
  }
  const closed = await evaluateScorer(await ease(split.train, { regularization: 10 }), split, { ks: [10] });
  const texts = itemIds.map(
    (id) => `theme ${Number(id.slice(1)) % 6} volume ${Number(id.slice(1)) % 7} item ${id}`,
  );
  const lexical = await lexicalEmbeddings(itemIds, texts, { dim: 8 });
  const results = {
    strategies,
    models,
    ease: closed.means['ndcg@10'],
    lexical: digest(lexical.embeddings.vectors),
  };
  await expect(`${JSON.stringify(results, null, 2)}\n`).toMatchFileSnapshot(RECORD);
});
