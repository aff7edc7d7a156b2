import { expect, it } from 'vitest';
import * as llminit from '../../src/index.ts';
import { plantedSplit } from '../models/planted.ts';

const split = plantedSplit();
const { train } = split;
const dim = 4;
const values = Float32Array.from({ length: train.itemIds.length * dim }, (_, n) => Math.fround(Math.sin(n)));
const tables = { users: new Float32Array(train.numUsers * dim).fill(1), items: values, dim };
const embeddings = new llminit.Embeddings({
  ids: train.itemIds,
  width: dim,
  vectors: values,
  source: 'test',
});
const model = llminit.modelFrom(split, tables);
const [item] = train.itemIds;
const [user] = train.userIds;

async function* lines() {
  yield new TextEncoder().encode('user_id,item_id\na,x\nb,y\n');
}

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript would refuse
const loose = llminit as any;

/** Every public function that takes options, called with one that it does not have. */
const CALLS: Readonly<Record<string, (wrong: object) => unknown>> = {
  load: (wrong) => loose.load(wrong),
  loadThreads: (wrong) => loose.loadThreads(wrong),
  loadFast: (wrong) => loose.loadFast(wrong),
  'Interactions.from': (wrong) => loose.Interactions.from([{ user: 'a', item: 'b' }], wrong),
  'Catalogue.from': (wrong) =>
    loose.Catalogue.from([{ id: 'a', text: 'b' }], { idColumn: 'id', textColumns: ['text'], ...wrong }),
  readInteractions: (wrong) => loose.readInteractions(lines(), { name: 'a.csv', ...wrong }),
  readCatalogue: (wrong) => loose.readCatalogue(lines(), { name: 'a.csv', ...wrong }),
  kCore: (wrong) => loose.kCore(train, wrong),
  leaveOneOut: (wrong) => loose.leaveOneOut(train, wrong),
  ratioSplit: (wrong) => loose.ratioSplit(train, wrong),
  timeSplit: (wrong) => loose.timeSplit(train, wrong),
  wholeSplit: (wrong) => loose.wholeSplit(train, wrong),
  coldStart: (wrong) => loose.coldStart(split, { seed: 1, ...wrong }),
  lexicalEmbeddings: (wrong) => loose.lexicalEmbeddings(['a', 'b'], ['red pen', 'blue pen'], wrong),
  embedTexts: (wrong) => loose.embedTexts(['red pen'], wrong),
  embedOverHttp: (wrong) =>
    loose.embedOverHttp(['a'], { url: 'http://127.0.0.1:1/v1', model: 'm', ...wrong }),
  embeddingsFromSafetensors: (wrong) =>
    loose.embeddingsFromSafetensors(llminit.embeddingsToSafetensors(embeddings), 'vectors', wrong),
  combineEmbeddings: (wrong) => loose.combineEmbeddings([{ embeddings, ...wrong }], train.itemIds),
  initialize: (wrong) => loose.initialize(train, embeddings, wrong),
  adapterInput: (wrong) => loose.adapterInput(train, embeddings, wrong),
  fit: (wrong) => loose.fit(split, tables, wrong),
  train: (wrong) => loose.train({ split }, wrong),
  evaluate: (wrong) => loose.evaluate(tables, split, wrong),
  evaluateScorer: async (wrong) => loose.evaluateScorer(await llminit.itemKnn(train), split, wrong),
  propagateTables: (wrong) => loose.propagateTables(train, tables, wrong),
  ease: (wrong) => loose.ease(train, wrong),
  itemKnn: (wrong) => loose.itemKnn(train, wrong),
  bootstrapInterval: (wrong) => loose.bootstrapInterval([1, 2, 3], { seed: 1, ...wrong }),
  modelFrom: (wrong) => loose.modelFrom(split, tables, wrong),
  recommend: async (wrong) => (await recommender()).recommend(user, wrong),
  recommendFor: async (wrong) => (await recommender()).recommendFor([item], wrong),
  similarItems: async (wrong) => (await recommender()).similarItems(item, wrong),
  popularItems: async (wrong) => (await recommender()).popularItems(wrong),
};

async function recommender() {
  return new llminit.Recommender(model, await llminit.load());
}

it.each(Object.entries(CALLS))('%s refuses an option that it does not have', async (_, call) => {
  await expect((async () => call({ bogusOption: 1 }))()).rejects.toMatchObject({
    code: 'ERR_LLMINIT_OPTION',
    option: 'bogusOption',
  });
});

/** Calls with an argument of another type, as a program without types makes them. */
const WRONG_ARGUMENTS: Readonly<Record<string, () => unknown>> = {
  'fit of interactions': () => loose.fit(train, tables),
  'initialize of a split': () => loose.initialize(split, embeddings),
  'initialize from vectors without ids': () => loose.initialize(train, values),
  'evaluate of a result': () => loose.evaluate({ factors: tables }, split),
  'evaluateScorer of nothing': () => loose.evaluateScorer(null, split),
  'propagateTables of nothing': () => loose.propagateTables(train, null),
  'modelFrom of interactions': () => loose.modelFrom(train, tables),
  'ease of a split': () => loose.ease(split),
  'itemKnn of a split': () => loose.itemKnn(split),
  'interactionsToCsr of a split': () => loose.interactionsToCsr(split),
  'Graph of a split': () => new loose.Graph(split),
  'historyBuckets of a split': () => loose.historyBuckets(split),
  'popularityBuckets of a split': () => loose.popularityBuckets(split),
  'Interactions.from a number': () => loose.Interactions.from(3),
  'Catalogue.from a number': () => loose.Catalogue.from(3, { idColumn: 'id', textColumns: ['text'] }),
  'Catalogue of texts that are no list': () => new loose.Catalogue('a', 'b'),
  'lexicalEmbeddings of a text': () => loose.lexicalEmbeddings(['a'], 'red pen'),
  'alignEmbeddings of a number': () => loose.alignEmbeddings(3, ['a']),
  'encodeModel of a text': () => loose.encodeModel('model'),
  'decodeModel of a path': () => loose.decodeModel('model.safetensors', 'model'),
  'decodeCheckpoint of a path': () => loose.decodeCheckpoint('run.ckpt', 'run.ckpt'),
  'Recommender.open of a path': () => loose.Recommender.open('model.safetensors'),
  'a text for a runtime': () => loose.fit(split, tables, { runtime: 'wasm' }),
  'true for a signal': () => loose.fit(split, tables, { signal: true }),
};

it.each(Object.entries(WRONG_ARGUMENTS))('%s is a typed error', async (_, call) => {
  await expect((async () => call())()).rejects.toMatchObject({ code: 'ERR_LLMINIT_OPTION' });
});
