import { createClient } from '../../src/client.ts';
import { createHandler, replay, withoutUser } from '../../src/http.ts';
import * as llminit from '../../src/index.ts';
import { model, recommender, runtime } from './samples.ts';
import type { Call } from './wrong.ts';

const OPTIONS = 'none {} bare';
const { Recommender } = llminit;
const USER = 'user 1';
const ITEM = 'item 3';
const HISTORY = ['item 1', 'item 5'];
const VECTOR = [0.5, 0.25, 1];
const opened = recommender();
const file = llminit.encodeModel(model);
const EVENT = { user: USER, item: ITEM };
const ledger = { append: async () => {} };
const service = createHandler(recommender(), { journal: ledger });
const client = createClient('http://127.0.0.1:9', { fetch: service });

/** A method of an open recommender: one that is never changed, or a new one. */
const asked = (name: keyof InstanceType<typeof Recommender>) =>
  ((...args: never[]) => (opened[name] as (...args: never[]) => unknown)(...args)) as Call['call'];
const changed = (name: keyof InstanceType<typeof Recommender>) =>
  ((...args: never[]) => {
    const own = recommender();
    try {
      return (own[name] as (...args: never[]) => unknown)(...args);
    } finally {
      own.close();
    }
  }) as Call['call'];
const remote = (name: keyof typeof client) =>
  ((...args: never[]) => (client[name] as (...args: never[]) => unknown)(...args)) as Call['call'];

/** Model files, recommenders, services and their clients. */
export const SERVING: Readonly<Record<string, Call>> = {
  attributesOf: {
    call: llminit.attributesOf,
    args: () => [{ colour: ['red', 'blue'] }],
    takes: { 0: '{} bare' },
  },
  decodeModel: { call: llminit.decodeModel, args: () => [file, 'a'], takes: { 1: 'x' } },
  encodeModel: { call: llminit.encodeModel, args: () => [model] },
  planServing: { call: llminit.planServing, args: () => [model, 'browser'] },
  quantizeModel: {
    call: llminit.quantizeModel,
    args: () => [model, { to: 'int8' }],
  },
  textVectors: {
    call: llminit.textVectors,
    args: () => ['by hand', { ids: ['a'], width: 2, vectors: Float32Array.of(1, 2) }, ['a']],
    takes: { 0: 'x' },
  },
  'new Recommender': {
    call: ((...args: [never, never]) => new Recommender(...args)) as Call['call'],
    args: () => [model, runtime],
  },
  'Recommender.open': {
    call: Recommender.open as Call['call'],
    args: () => [file, {}],
    takes: { 1: `${OPTIONS} x` },
  },
  'Recommender.fromUrl': {
    call: Recommender.fromUrl as Call['call'],
    args: () => ['http://127.0.0.1:9/model', { fetch: async () => new Response(file.slice()) }],
    takes: { 0: 'x' },
  },
  'Recommender.prototype.has': { call: asked('has'), args: () => [USER], takes: { 0: 'x' } },
  'Recommender.prototype.hasItem': { call: asked('hasItem'), args: () => [ITEM], takes: { 0: 'x' } },
  'Recommender.prototype.itemSet': { call: asked('itemSet'), args: () => [HISTORY], takes: { 0: '[] map' } },
  'Recommender.prototype.recommend': {
    call: asked('recommend'),
    args: () => [USER, {}],
    takes: { 1: OPTIONS },
  },
  'Recommender.prototype.recommendFor': {
    call: asked('recommendFor'),
    args: () => [HISTORY, {}],
    takes: { 1: OPTIONS },
  },
  'Recommender.prototype.recommendMany': {
    call: asked('recommendMany'),
    args: () => [[USER], {}],
    takes: { 0: '[] map', 1: OPTIONS },
  },
  'Recommender.prototype.similarItems': {
    call: asked('similarItems'),
    args: () => [ITEM, {}],
    takes: { 1: OPTIONS },
  },
  'Recommender.prototype.recommendForText': {
    call: asked('recommendForText'),
    args: () => [VECTOR, {}],
    takes: { 1: OPTIONS },
  },
  'Recommender.prototype.popularItems': {
    call: asked('popularItems'),
    args: () => [{}],
    takes: { 0: OPTIONS },
  },
  'Recommender.prototype.score': { call: asked('score'), args: () => [USER, ITEM] },
  'Recommender.prototype.rank': { call: asked('rank'), args: () => [USER, HISTORY], takes: { 1: '[]' } },
  'Recommender.prototype.likedItems': {
    call: asked('likedItems'),
    args: () => [USER],
    takes: { 0: 'x' },
  },
  'Recommender.prototype.explain': { call: asked('explain'), args: () => [USER, ITEM] },
  'Recommender.prototype.addItems': {
    call: changed('addItems'),
    args: () => [[{ id: 'new', vector: VECTOR }], {}],
    takes: { 0: '[]', 1: OPTIONS },
  },
  'Recommender.prototype.updateItems': {
    call: changed('updateItems'),
    args: () => [[{ id: ITEM, title: 'New' }]],
    takes: { 0: '[]' },
  },
  'Recommender.prototype.removeItems': {
    call: changed('removeItems'),
    args: () => [[ITEM]],
    takes: { 0: '[]' },
  },
  'Recommender.prototype.hide': {
    call: changed('hide'),
    args: () => [[ITEM], true],
    takes: { 0: '[]', 1: 'none true' },
  },
  'Recommender.prototype.addInteractions': {
    call: changed('addInteractions'),
    args: () => [[EVENT]],
    takes: { 0: '[]' },
  },
  'Recommender.prototype.removeUser': { call: changed('removeUser'), args: () => [USER] },
  'Recommender.prototype.apply': { call: changed('apply'), args: () => [{ op: 'removeUser', user: USER }] },
  replay: { call: replay, args: () => [recommender(), [EVENT]], takes: { 1: '[] [1] [null] map' } },
  withoutUser: { call: withoutUser, args: () => [EVENT, 'someone'], takes: { 1: 'x' } },
  createHandler: { call: createHandler, args: () => [opened, {}], takes: { 0: 'function', 1: OPTIONS } },
  'Handler()': { call: service, args: () => [new Request('http://a/health')] },
  'Handler.answer': {
    call: service.answer,
    args: () => [{ method: 'GET', url: '/health', header: () => null, body: null }],
  },
  createClient: { call: createClient, args: () => ['http://127.0.0.1:9', {}], takes: { 1: OPTIONS } },
  'Client.recommend': { call: remote('recommend'), args: () => [USER, {}], takes: { 1: OPTIONS } },
  'Client.similarItems': {
    call: remote('similarItems'),
    args: () => [ITEM, {}],
    takes: { 1: OPTIONS },
  },
  'Client.search': { call: remote('search'), args: () => ['red pen', {}], takes: { 1: OPTIONS } },
  'Client.popularItems': { call: remote('popularItems'), args: () => [{}], takes: { 0: OPTIONS } },
  'Client.rank': { call: remote('rank'), args: () => [USER, [ITEM]], takes: { 1: '[]' } },
  'Client.addInteractions': { call: remote('addInteractions'), args: () => [[EVENT]] },
};
