import { Hono } from 'hono';
import { beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../../src/runtime/load.ts';
import { createHandler } from '../../../src/serve/http/handler.ts';
import { encodeModel } from '../../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../../src/serve/recommender.ts';
import { factorModel } from '../sampleModels.ts';

let recommender: Recommender;
beforeAll(async () => {
  recommender = await Recommender.open(encodeModel(factorModel()), { runtime: await load() });
});

describe('a handler in an application of Hono', () => {
  it('answers below its base path, beside routes of the application', async () => {
    const kept: unknown[] = [];
    const journal = { append: async (records: readonly unknown[]) => void kept.push(...records) };
    const handler = createHandler(recommender, { basePath: '/api', journal });
    const app = new Hono().get('/', (c) => c.text('the shop')).all('/api/*', (c) => handler(c.req.raw));

    expect(await (await app.request('/')).text()).toBe('the shop');
    const answer = await app.request('/api/v1/recommendations?user=user%203&k=4');
    expect(answer.status).toBe(200);
    expect((await answer.json()).items).toEqual(recommender.recommend('user 3', { k: 4 }));
    const events = [{ user: 'user 3', item: 'item 7' }];
    const sent = await app.request('/api/v1/events', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
    });
    expect([sent.status, kept]).toEqual([200, events]);
    expect((await app.request('/api/v1/similar?item=soap')).status).toBe(422);
    expect((await app.request('/api/v2')).status).toBe(404);
    expect((await app.request('/elsewhere')).status).toBe(404);
  });
});
