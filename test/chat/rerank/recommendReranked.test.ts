import { beforeAll, describe, expect, test } from 'vitest';
import { recommendReranked, reranker } from '../../../src/chat/rerank/recommendReranked.ts';
import type { ChatFunction } from '../../../src/chat/toChat.ts';
import { DataError, OptionError } from '../../../src/errors.ts';
import { load } from '../../../src/runtime/load.ts';
import { createHandler } from '../../../src/serve/http/handler.ts';
import { Recommender } from '../../../src/serve/recommender.ts';
import { blendModel } from '../../serve/sampleModels.ts';

const model = blendModel();
const [user] = model.userIds;
let recommender: Recommender;
beforeAll(async () => {
  const itemTitles = model.itemIds.map((id) => `Title of ${id}`);
  recommender = new Recommender({ ...model, itemTitles }, await load());
});

let asked: { history?: string[]; candidates: { number: number; title: string }[]; system: string }[] = [];
/** Ranks by the titles, from behind. */
const chat: ChatFunction = (messages) => {
  const data = JSON.parse(messages[1].content);
  asked.push({ ...data, system: messages[0].content });
  const sorted = [...data.candidates].sort((a, b) => (a.title < b.title ? 1 : -1));
  return JSON.stringify({ ranking: sorted.map(({ number }) => number) });
};
const byTitle = (items: readonly { title: string | null }[]) =>
  [...items].sort((a, b) => (a.title! < b.title! ? 1 : -1));
const ask = (options = {}, rerank = {}) => {
  asked = [];
  return recommendReranked(recommender, user, {
    seen: 'none',
    ...options,
    rerank: { chat, weight: 1, ...rerank },
  });
};
const own = (options = {}) => recommender.recommend(user, { seen: 'none', ...options });

test('the first candidates come in the order of the chat model, with the scores and filters of the recommender', async () => {
  const found = await ask({ k: 3 }, { candidates: 6 });
  expect([...found]).toEqual(byTitle(own({ k: 6 })).slice(0, 3));
  expect(found.rerank).toMatchObject({ by: 'chat', usable: 3 });
  expect(found.basis).toBe('user');
  expect(JSON.stringify(found)).not.toContain('rerank');
  const excluded = own({ k: 2 }).map(({ id }) => id);
  const left = await ask({ k: 3, exclude: excluded }, { candidates: 4 });
  expect([...left]).toEqual(byTitle(own({ k: 4, exclude: excluded })).slice(0, 3));
});

test('pages follow each other, and behind the candidates our order goes on', async () => {
  const pages = await Promise.all([0, 2, 4, 6].map((offset) => ask({ k: 2, offset }, { candidates: 5 })));
  const all = [...byTitle(own({ k: 5 })), ...own({ k: 8 }).slice(5)];
  expect(pages.flatMap((page) => [...page])).toEqual(all);
  expect(pages[3].rerank.reason).toBe('nothing to rank');
});

test('the chat model is told what is known: without order of a user, in order of a history', async () => {
  await ask({}, { rounds: 1, maxHistory: 50 });
  expect(asked[0].history).toEqual(recommender.likedItems(user).map(({ title }) => title));
  expect(asked[0].system).toMatch(/no particular order/);
  const history = [model.itemIds[3], model.itemIds[0]];
  asked = [];
  await recommendReranked(recommender, { history }, { rerank: { chat, rounds: 1, prompt: 'recency' } });
  expect(asked[0]).toMatchObject({
    history: history.map((id) => `Title of ${id}`),
    mostRecent: `Title of ${history[1]}`,
  });
  expect(asked[0].system).toMatch(/oldest first/);
  await ask({}, { rounds: 1, prompt: 'in-context', history: ['A', 'B'] });
  expect(asked[0]).toMatchObject({ history: ['A'], chosenNext: 'B' });
  await expect(ask({}, { prompt: 'recency' })).rejects.toThrow(/history with an order/);
});

test('our order comes back when the chat model fails, and popular items without a question', async () => {
  const failing = await ask({ k: 4 }, { chat: () => Promise.reject(new Error('no')) });
  expect([...failing]).toEqual(own({ k: 4 }));
  expect(failing.rerank).toMatchObject({ by: 'own', reason: 'failure', detail: 'no' });
  const options = { k: 3, fallback: 'popular' as const, rerank: { chat } };
  const popular = await recommendReranked(recommender, 'nobody', options);
  expect(popular.basis).toBe('popular');
  expect(popular.rerank.reason).toBe('no history');
  await expect(recommendReranked(recommender, 'nobody', { rerank: { chat } })).rejects.toThrow(DataError);
});

test.each([
  [{ k: 0 }, {}],
  [{ k: 3.5 }, {}],
  [{ wrong: 1 }, {}],
  [{}, { candidates: 1 }],
  [{}, { chat: null }],
  [{}, { history: 'x' }],
])('options %j with rerank %j are refused', async (options, rerank) => {
  await expect(ask(options, rerank)).rejects.toThrow(OptionError);
});

describe('a service', () => {
  const answer = async (path: string, options = {}) => {
    const response = await createHandler(recommender, options)(new Request(`http://x${path}`));
    return { status: response.status, etag: response.headers.get('etag'), body: await response.json() };
  };
  const path = `/v1/recommendations?user=${encodeURIComponent(user)}&k=3&seen=none`;

  test('re-ranks for those who ask for it, and says by whom', async () => {
    const rerank = reranker({ chat, weight: 1, candidates: 6 });
    const plain = await answer(path, { rerank });
    expect(plain.body.items).toEqual(own({ k: 3 }));
    expect(plain.body.rerank).toBeUndefined();
    const { body, etag } = await answer(`${path}&rerank=true`, { rerank });
    expect(body.items).toEqual(byTitle(own({ k: 6 })).slice(0, 3));
    expect(body.rerank).toEqual({ by: 'chat', reason: null });
    expect(etag).toBeNull();
  });

  test('answers in our order when the chat model does not, and shows nothing of its errors', async () => {
    const rerank = reranker({ chat: () => Promise.reject(new Error('http://internal:8080 is down')) });
    const { status, body } = await answer(`${path}&rerank=true`, { rerank });
    expect(status).toBe(200);
    expect(body.items).toEqual(own({ k: 3 }));
    expect(body.rerank).toEqual({ by: 'own', reason: 'failure' });
    expect(JSON.stringify(body)).not.toContain('internal');
  });

  test('without a chat model refuses, and documents the parameter', async () => {
    expect(await answer(`${path}&rerank=true`)).toMatchObject({
      status: 400,
      body: { detail: 'this service re-ranks nothing' },
    });
    const { body } = await answer('/openapi.json');
    const { parameters } = body.paths['/v1/recommendations'].get;
    expect(parameters.map(({ name }: { name: string }) => name)).toContain('rerank');
  });
});
