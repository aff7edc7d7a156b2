import * as chat from '../../src/chat.ts';
import { modelFrom } from '../../src/index.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { recommender, runtime, scorer, split } from './samples.ts';
import type { Call } from './wrong.ts';

const model = () => ({ id: 'test', ask: async () => ({ text: '[2, 1]', promptTokens: 1, answerTokens: 1 }) });
const opened = recommender();
const ENDPOINT = () => ({ url: 'http://127.0.0.1:9/v1', model: 'm' });
const items = () => [
  { id: 'a', title: 'Red pen' },
  { id: 'b', title: 'Blue pen' },
];

const cases = () => [{ id: 'u', candidates: items(), history: ['Green pen'], relevant: ['b'] }];
const trained = new Recommender(modelFrom(split, scorer, { seen: split.train }), runtime);

/** Chat models and what they are asked. */
export const CHATS: Readonly<Record<string, Call>> = {
  httpChat: { call: chat.httpChat, args: () => [ENDPOINT()] },
  toChat: { call: chat.toChat, args: () => [model(), {}], takes: { 0: 'function', 1: 'none {} bare' } },
  memoryChatCache: { call: chat.memoryChatCache, args: () => [] },
  cachedChat: { call: chat.cachedChat, args: () => [model(), chat.memoryChatCache()], takes: { 1: 'map' } },
  augmentEdges: {
    call: chat.augmentEdges,
    args: () => [[{ id: 'u', history: ['x'], candidates: items() }], { chat: model() }],
    takes: { 0: '[]' },
  },
  augmentProfiles: {
    call: chat.augmentProfiles,
    args: () => [[{ id: 'u', history: ['x'] }], { chat: model() }],
    takes: { 0: '[]' },
  },
  augmentAttributes: {
    call: chat.augmentAttributes,
    args: () => [[{ id: 'a', text: 'Red pen' }], { chat: model(), attributes: ['colour'] }],
    takes: { 0: '[]' },
  },
  rerankCases: { call: chat.rerankCases, args: () => [trained, split, {}], takes: { 2: 'none {} bare' } },
  estimateRerank: { call: chat.estimateRerank, args: () => [cases(), { chat: model() }], takes: { 0: '[]' } },
  evaluateReranker: { call: chat.evaluateReranker, args: () => [cases(), { chat: model() }] },
  calibrateReranker: { call: chat.calibrateReranker, args: () => [cases(), { chat: model() }] },
  reranker: { call: chat.reranker, args: () => [{ chat: model() }] },
  recommendReranked: {
    call: chat.recommendReranked,
    args: () => [opened, opened.model.userIds[0], { rerank: { chat: model(), rounds: 1 } }],
  },
  rerank: {
    call: chat.rerank,
    args: () => [items(), ['Green pen'], { chat: model(), rounds: 1 }],
    takes: { 0: '[]', 1: '[]' },
  },
};
