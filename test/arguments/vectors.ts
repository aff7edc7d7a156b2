import * as embedders from '../../src/embedders.ts';
import * as llminit from '../../src/index.ts';
import { embedder, embeddings, lexical, runtime, texts, train } from './samples.ts';
import type { Call } from './wrong.ts';

const OPTIONS = 'none {} bare';
const npy = () => {
  const header = `${"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }".padEnd(117)}\n`;
  const bytes = new Uint8Array(128 + 8);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, 118, 0, ...new TextEncoder().encode(header)]);
  bytes.set(new Uint8Array(Float32Array.of(1, 2).buffer), 128);
  return bytes;
};
const ids = await llminit.semanticIds(embeddings, { size: 4, runtime });
const FILES = { vectors: 'a.npy', ids: 'a.txt' };
const stored = () => llminit.embeddingsToSafetensors(embeddings);
const store = () => ({ get: async () => undefined, set: async () => {} });
const folder = () => ({ getFileHandle: async () => Promise.reject(new Error('none')) });
const responses = () => ({ match: async () => undefined, put: async () => {} });
const served = async () => new Response(JSON.stringify({ data: [{ index: 0, embedding: [1, 2] }] }));

/** A pipeline that gives each text the vector (1, 2). */
const pipeline = async (given: readonly string[]) => ({
  ...{ data: Float32Array.from(given.flatMap(() => [1, 2])), dims: [given.length, 2], type: 'float32' },
});

/** Texts to vectors. */
export const VECTORS: Readonly<Record<string, Call>> = {
  memoryCache: { call: llminit.memoryCache, args: () => [] },
  combineEmbeddings: { call: llminit.combineEmbeddings, args: () => [[{ embeddings }], train.itemIds] },
  itemsFromUsers: {
    call: llminit.itemsFromUsers,
    args: () => [
      new llminit.Embeddings({
        ...{
          ids: train.userIds,
          width: 1,
          vectors: new Float32Array(train.numUsers).fill(1),
          source: 'test',
        },
      }),
      train,
    ],
  },
  alignEmbeddings: {
    call: llminit.alignEmbeddings,
    args: () => [embeddings, train.itemIds],
  },
  'new Embeddings': {
    call: (...args: [never]) => new llminit.Embeddings(...args),
    args: () => [{ ids: ['a'], width: 2, vectors: Float32Array.of(1, 2), source: 'test' }],
  },
  embeddingsFromNpy: {
    call: llminit.embeddingsFromNpy,
    args: () => [npy(), 'a\n', FILES],
    takes: { 1: 'x' },
  },
  embeddingsFromSafetensors: {
    call: llminit.embeddingsFromSafetensors,
    args: () => [stored(), 'a.safetensors', {}],
    takes: { 1: 'x', 2: OPTIONS },
  },
  embeddingsToSafetensors: {
    call: llminit.embeddingsToSafetensors,
    args: () => [embeddings, { number: 1, of: 2, digest: 'ab' }],
    takes: { 1: 'none' },
  },
  embedOverHttp: {
    call: async (...args: never[]) => {
      const { fetch } = globalThis;
      globalThis.fetch = served;
      const [texts, options] = args as unknown as [never, never];
      return llminit.embedOverHttp(texts, options).finally(() => {
        globalThis.fetch = fetch;
      });
    },
    args: () => [['a'], { url: 'http://127.0.0.1:9/v1', model: 'm', headers: {} }],
  },
  lexicalEmbeddings: {
    call: llminit.lexicalEmbeddings,
    args: () => [train.itemIds, texts, {}],
    takes: { 2: OPTIONS },
  },
  embedTexts: { call: llminit.embedTexts, args: () => [['red'], { pipeline }] },
  embedInBatches: {
    call: embedders.embedInBatches,
    args: () => [['red', 'blue'], embedder, {}],
    takes: { 2: OPTIONS },
  },
  semanticIds: {
    call: llminit.semanticIds,
    args: () => [embeddings, { size: 4, runtime }],
    takes: { 1: OPTIONS },
  },
  'SemanticIds.prototype.codesOf': {
    call: (...args: [never]) => ids.codesOf(...args),
    args: () => [embeddings.ids[0]],
    takes: {},
  },
  'SemanticIds.prototype.itemCodes': {
    call: (...args: [never]) => ids.itemCodes(...args),
    args: () => [embeddings.ids],
    takes: { 0: '[]' },
  },
  'SemanticIds.prototype.encode': {
    call: (...args: [never]) => ids.encode(...args),
    args: () => [embeddings.vectors],
  },
  compareEmbeddings: { call: embedders.compareEmbeddings, args: () => [embeddings, embeddings] },
  distinctness: {
    call: embedders.distinctness,
    args: () => [embeddings, { runtime }],
    takes: { 1: OPTIONS },
  },
  embedderOf: { call: embedders.embedderOf, args: () => [embeddings] },
  toAiSdkModel: { call: embedders.toAiSdkModel, args: () => [embedder] },
  toEmbedder: {
    call: embedders.toEmbedder,
    args: () => [embedder, {}],
    takes: { 0: 'function', 1: OPTIONS },
  },
  imageEmbedder: { call: embedders.imageEmbedder, args: () => [{}], takes: { 0: OPTIONS } },
  httpEmbedder: { call: embedders.httpEmbedder, args: () => [{ url: 'http://127.0.0.1:9/v1', model: 'm' }] },
  cleanText: { call: embedders.cleanText, args: () => ['<b>Red</b> pen'], takes: { 0: 'x' } },
  textTemplate: { call: embedders.textTemplate, args: () => ['{title}: {text}'] },
  lexicalEmbedder: { call: embedders.lexicalEmbedder, args: () => [{}], takes: { 0: OPTIONS } },
  lexicalModelEmbedder: { call: embedders.lexicalModelEmbedder, args: () => [lexical] },
  lexicalFromTensors: {
    call: embedders.lexicalFromTensors,
    args: () => [embedders.lexicalTensors(lexical!)],
  },
  lexicalTensors: { call: embedders.lexicalTensors, args: () => [lexical, 'int8'], takes: { 1: 'none' } },
  textTransform: { call: embedders.textTransform, args: () => [lexical, {}], takes: { 1: OPTIONS } },
  describeEmbedder: {
    call: embedders.describeEmbedder,
    args: () => ['lexical', 'embed'],
    takes: { 1: 'none x' },
  },
  markShard: {
    call: embedders.markShard,
    args: () => [{ number: 1, of: 2 }, 'lengths', ['a'], ['red pen']],
    takes: { 1: 'x' },
  },
  mergeShards: {
    call: embedders.mergeShards,
    args: async () => {
      const mark = await embedders.markShard({ number: 1, of: 1 }, 'lengths', train.itemIds, texts);
      return [[{ name: 'a', bytes: llminit.embeddingsToSafetensors(embeddings, mark) }]];
    },
  },
  parseShard: { call: embedders.parseShard, args: () => ['1/2'] },
  shardRange: { call: embedders.shardRange, args: () => [10, { number: 1, of: 2 }], takes: { 0: '7' } },
  embeddingsFromTable: {
    call: embedders.embeddingsFromTable,
    args: () => ['id,vector\na,"[1, 2]"\n', 'a.csv'],
    takes: { 1: 'x' },
  },
  presetOf: { call: embedders.presetOf, args: () => ['intfloat/e5-small'], takes: { 0: 'x' } },
  transformersEmbedder: { call: embedders.transformersEmbedder, args: () => [{}], takes: { 0: OPTIONS } },
  storeCache: { call: embedders.storeCache, args: () => [store()], takes: { 0: 'map' } },
  directoryHandleCache: { call: embedders.directoryHandleCache, args: () => [folder()] },
  responseCache: { call: embedders.responseCache, args: () => [responses()] },
};
