import { beforeAll, describe, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import { leaveOneOut } from '../../../src/data/splits.ts';
import { initialize } from '../../../src/init/initialize.ts';
import { load } from '../../../src/runtime/load.ts';
import { createClient, ServiceError } from '../../../src/serve/http/client.ts';
import { type JournalRecord, replay, withoutUser } from '../../../src/serve/http/events.ts';
import { createHandler, type Handler } from '../../../src/serve/http/handler.ts';
import type { HandlerOptions } from '../../../src/serve/http/handlerOptions.ts';
import { Recommender } from '../../../src/serve/recommender.ts';
import { modelFrom } from '../../../src/train/trainedModel.ts';

const rows = Array.from({ length: 240 }, (_, n) => ({
  user: `u${n % 20}`,
  item: `i,${(n * 7 + (n % 11)) % 30}`,
}));
let recommender: Recommender;
/** Another one of the same file. */
let fresh: () => Recommender;
beforeAll(async () => {
  const split = leaveOneOut(Interactions.from(rows), { order: 'random', seed: 1 });
  const { users, items, dim } = await initialize(split.train, null, { strategy: 'xavier', dim: 8, seed: 1 });
  const runtime = await load();
  fresh = () => new Recommender(modelFrom(split, { users, items, dim }), runtime);
  recommender = fresh();
});

const get = (handler: Handler, path: string, headers: Record<string, string> = {}) =>
  handler(new Request(`http://x${path}`, { headers }));
const post = (handler: Handler, path: string, body: unknown, headers: Record<string, string> = {}) =>
  handler(
    new Request(`http://x${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
const made = (options: HandlerOptions = {}) => createHandler(recommender, options);

describe('recommendations', () => {
  it('are what the recommender gives, by query and by body', async () => {
    const wanted = recommender.recommend('u3', { k: 4 });
    const handler = made();
    const answer = await (await get(handler, '/v1/recommendations?user=u3&k=4')).json();
    expect(answer.items).toEqual(wanted);
    expect(answer.model).toMatch(/^[0-9a-z]+$/);
    const posted = await (await post(handler, '/v1/recommendations', { user: 'u3', k: 4 })).json();
    expect(posted.items).toEqual(wanted);
    expect(posted.recommendationId).not.toBe(answer.recommendationId);
  });

  it('are tried in the dark when a handler is made, which no caller notices', async () => {
    const open = () => Recommender.open(recommender.encode());
    const asked: unknown[] = [];
    const watched = (own: Recommender) =>
      new Proxy(own, {
        get: (target, name) => {
          const value = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            if (name === 'recommend') asked.push(args);
            return Reflect.apply(value, target, args);
          };
        },
      });
    const errors: unknown[] = [];
    const options = { onError: (error: unknown) => void errors.push(error) };
    const own = watched(await open());
    const handler = createHandler(own, options);
    createHandler(own, options);
    await new Promise((resolve) => setTimeout(resolve));
    expect(asked).toHaveLength(2);
    const again = createHandler(recommender, options);
    expect(handler.metrics.text()).toBe(again.metrics.text());
    expect((await get(handler, '/v1/recommendations?user=u3')).status).toBe(200);
    const closed = await open();
    closed.close();
    createHandler(closed, options);
    createHandler({ recommend: () => [], popularItems: () => [] } as never, options);
    await new Promise((resolve) => setTimeout(resolve));
    expect(errors).toEqual([]);
  });

  it('take ids with commas as a repeated parameter', async () => {
    const wanted = recommender.recommendFor(['i,1', 'i,2']);
    const answer = await get(made(), '/v1/recommendations?history=i%2C1&history=i%2C2');
    expect((await answer.json()).items).toEqual(wanted);
  });

  it('come with an ETag that spares the answer while the model is the same', async () => {
    const handler = made();
    const etag = (await get(handler, '/v1/recommendations?user=u3')).headers.get('etag')!;
    const again = await get(handler, '/v1/recommendations?user=u3', { 'if-none-match': `"other", ${etag}` });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await get(handler, '/v1/recommendations?user=u4', { 'if-none-match': etag })).status).toBe(200);
  });

  it('similar and popular items are answered too, and HEAD without a body', async () => {
    const handler = made();
    const similar = await (await get(handler, '/v1/similar?item=i%2C1&item=i%2C2')).json();
    expect(similar.items).toEqual([...recommender.similarItems(['i,1', 'i,2'])]);
    const listed = await get(handler, `/v1/similar?item=${encodeURIComponent('["i,1"]')}`);
    expect((await listed.json()).items).toEqual([...recommender.similarItems('i,1')]);
    const twice = await (await get(handler, '/v1/popular?k=1&k=2')).json();
    expect(twice.detail).toMatch(/expected k once/);
    const one = await post(handler, '/v1/similar', { item: 'i,1', k: 3 });
    expect((await one.json()).items).toEqual(recommender.similarItems('i,1', { k: 3 }));
    const popular = await (await get(handler, '/v1/popular?k=2')).json();
    expect(popular.items).toEqual(recommender.popularItems({ k: 2 }));
    const head = await handler(new Request('http://x/v1/popular', { method: 'HEAD' }));
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});

describe('what cannot be answered', () => {
  const problems: [what: string, path: string, status: number, detail: RegExp][] = [
    ['neither user nor history', '/v1/recommendations', 400, /either user or history, received neither/],
    ['both', '/v1/recommendations?user=u1&history=a', 400, /received both/],
    [
      'k that is no number',
      '/v1/recommendations?user=u1&k=many',
      400,
      /expected k to be an integer from 1 to 1000/,
    ],
    ['a huge k', '/v1/recommendations?user=u1&k=1000000', 400, /expected k/],
    ['a misspelled parameter', '/v1/recommendations?user=u1&kk=3', 400, /Did you mean k/],
    ['an unknown user', '/v1/recommendations?user=nobody', 422, /nobody/],
    ['an unknown path', '/v1/nothing', 404, /nothing at this path/],
    ['a path trick', '/v1/../v1/secrets', 404, /nothing/],
    ['an encoded path trick', '/%2e%2e/etc/passwd', 404, /nothing/],
    ['events that nobody keeps', '/v1/events', 405, /expected POST/],
  ];
  it.each(problems)('%s', async (_, path, status, detail) => {
    const answer = await get(made({ onError: () => {} }), path);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const problem = await answer.json();
    expect(problem).toMatchObject({ type: 'about:blank', status });
    expect(answer.status).toBe(status);
    expect(problem.detail).toMatch(detail);
  });

  const bodies: [what: string, body: string, status: number][] = [
    ['no JSON', '{', 400],
    ['a list', '[1]', 400],
    ['null', 'null', 400],
    ['deep JSON', `${'['.repeat(5000)}${']'.repeat(5000)}`, 400],
    ['a huge body', JSON.stringify({ user: 'x'.repeat(100_000) }), 413],
    ['numbers for ids', '{"history":[1]}', 400],
    ['a prototype', '{"__proto__":{"k":1},"user":"u1"}', 400],
  ];
  it.each(bodies)('a body with %s', async (_, body, status) => {
    const answer = await post(made(), '/v1/recommendations', body);
    expect(answer.status).toBe(status);
  });

  it('another content type, and bytes that are no UTF-8', async () => {
    const handler = made();
    const typed = await post(handler, '/v1/recommendations', {}, { 'content-type': 'text/plain' });
    expect(typed.status).toBe(415);
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Uint8Array.of(0x7b, 0xff),
    };
    expect((await handler(new Request('http://x/v1/popular', request))).status).toBe(400);
  });

  it('a body that does not come in time', async () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
    });
    const headers = { 'content-type': 'application/json' };
    const request = new Request('http://x/v1/popular', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit);
    expect((await made({ bodyTimeoutMs: 50 })(request)).status).toBe(408);
  });
});

describe('access', () => {
  it('needs the token where there is one, except for health', async () => {
    const handler = made({ token: 'secret' });
    expect((await get(handler, '/health')).status).toBe(200);
    for (const authorization of ['', 'Bearer secre', 'Bearer secrets', 'secret'])
      expect((await get(handler, '/v1/popular', { authorization })).status).toBe(401);
    expect((await get(handler, '/v1/popular', { authorization: 'Bearer secret' })).status).toBe(200);
    expect((await get(handler, '/metrics')).status).toBe(401);
  });

  it('is open to the pages of named origins only', async () => {
    const handler = made({ cors: ['https://shop.example'] });
    const answer = await get(handler, '/v1/popular', { origin: 'https://shop.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    const other = await get(handler, '/v1/popular', { origin: 'https://other.example' });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    const preflight = await handler(new Request('http://x/v1/popular', { method: 'OPTIONS', headers }));
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, POST, OPTIONS',
    ]);
  });

  it('stands below a base path', async () => {
    const handler = made({ basePath: '/api/' });
    expect((await get(handler, '/api/v1/popular')).status).toBe(200);
    expect((await get(handler, '/v1/popular')).status).toBe(404);
    expect(() => made({ basePath: 'api' })).toThrow(/begin with \//);
  });
});

describe('the model', () => {
  it('is opened once for simultaneous first requests, and again after a failure', async () => {
    let opened = 0;
    const handler = createHandler(
      async () => {
        opened++;
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (opened === 1) throw new Error('not yet');
        return recommender;
      },
      { onError: () => {} },
    );
    const first = await Promise.all(Array.from({ length: 20 }, () => get(handler, '/v1/popular')));
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([503]));
    expect(opened).toBe(1);
    const then = await Promise.all(Array.from({ length: 20 }, () => get(handler, '/v1/popular')));
    expect(new Set(then.map(({ status }) => status))).toEqual(new Set([200]));
    expect(opened).toBe(2);
  });

  it('stays where a reload fails', async () => {
    let broken = false;
    const handler = createHandler(() => {
      if (broken) throw new Error('half a file');
      return recommender;
    });
    expect((await get(handler, '/v1/popular')).status).toBe(200);
    broken = true;
    await expect(handler.reload()).rejects.toThrow('half a file');
    expect((await get(handler, '/v1/popular')).status).toBe(200);
  });
});

describe('events', () => {
  it('are acknowledged when they are kept', async () => {
    const kept: unknown[] = [];
    const handler = made({ journal: { append: async (records) => void kept.push(...records) } });
    const events = [
      { user: 'u1', item: 'i,1' },
      { user: 'new', item: 'i,2', weight: 2, time: 1.5e9 },
      { user: 'u1', item: 'not yet known' },
    ];
    const answer = await (await post(handler, '/v1/events', { events })).json();
    expect(answer).toEqual({ accepted: events.length, unknownItems: ['not yet known'] });
    expect(kept).toEqual(events);
  });

  it('change what is recommended at once, and the ETag with it', async () => {
    const handler = made({ journal: { append: async () => {} } });
    const path = '/v1/recommendations?user=somebody%20new&k=30';
    expect((await get(handler, path)).status).toBe(422);
    await post(handler, '/v1/events', { events: [{ user: 'somebody new', item: 'i,4' }] });
    const first = await get(handler, path);
    const ids = (await first.json()).items.map(({ id }: { id: string }) => id);
    expect(ids).not.toContain('i,4');
    await post(handler, '/v1/events', { events: [{ user: 'somebody new', item: ids[0] }] });
    const then = await get(handler, path, { 'if-none-match': first.headers.get('etag')! });
    expect(then.status).toBe(200);
    expect((await then.json()).items.map(({ id }: { id: string }) => id)).not.toContain(ids[0]);
  });

  it('that are not liked are kept, spare a person the item and show it to nobody as a liking', async () => {
    const kept: JournalRecord[] = [];
    const journal = { append: async (records: readonly JournalRecord[]) => void kept.push(...records) };
    const handler = createHandler(fresh(), { journal });
    const of = (user: string, k = 30) => get(handler, `/v1/recommendations?user=${user}&k=${k}`);
    const idsOf = async (user: string): Promise<string[]> =>
      (await (await of(user)).json()).items.map(({ id }: { id: string }) => id);
    const [worst] = (await idsOf('u7')).slice(-1);
    const before = await idsOf('u7');
    const event = { user: 'u7', item: worst, liked: false };
    expect((await post(handler, '/v1/events', { events: [event] })).status).toBe(200);
    expect(kept).toEqual([event]);
    expect((await idsOf('u7')).sort()).toEqual(before.filter((id) => id !== worst).sort());
    // Nothing liked is known of somebody who only disliked.
    await post(handler, '/v1/events', { events: [{ user: 'sour', item: worst, liked: false }] });
    expect((await of('sour')).status).toBe(422);
    expect((await post(handler, '/v1/events', { events: [{ ...event, liked: 'no' }] })).status).toBe(400);
    // Another process that replays the journal answers alike.
    const again = fresh();
    expect(replay(again, kept)).toEqual({ unknownItems: [], refused: [] });
    expect(again.recommend('u7', { k: 30 }).map(({ id }) => id)).toEqual(await idsOf('u7'));
  });

  it('of a person are forgotten with the person, in the journal too', async () => {
    let kept: JournalRecord[] = [];
    const journal = {
      append: async (records: readonly JournalRecord[]) => void kept.push(...records),
      erase: async (user: string) => {
        kept = kept.map((record) => withoutUser(record, user)).filter((record) => record !== null);
      },
    };
    const handler = made({ token: 't', journal });
    const headers = { authorization: 'Bearer t' };
    const events = [
      { user: 'gone', item: 'i,4' },
      { user: 'stays', item: 'i,5' },
    ];
    await post(handler, '/v1/events', { events }, headers);
    const change = { op: 'removeUser', user: 'gone' };
    expect((await post(handler, '/v1/changes', { change }, headers)).status).toBe(200);
    expect(kept).toEqual([events[1], change]);
    expect((await get(handler, '/v1/recommendations?user=gone', headers)).status).toBe(422);
    const open = made({ journal });
    expect((await post(open, '/v1/changes', { change: { op: 'removeUser', user: 'stays' } })).status).toBe(
      403,
    );
  });

  it('are refused as a whole where one is wrong, by its place', async () => {
    const kept: unknown[] = [];
    const handler = made({ journal: { append: async (records) => void kept.push(...records) } });
    for (const [events, detail] of [
      [[{ user: 'u1', item: 'a' }, { user: 'u1' }], /events\[1\]\.item/],
      [[{ user: 'u1', item: 'a', weight: -1 }], /events\[0\]\.weight/],
      [[{ user: 'u1', item: 'a', rating: 1 }], /received one with rating/],
      [[], /a list of events/],
      ['x', /a list of events/],
    ] as const) {
      const answer = await post(handler, '/v1/events', { events });
      expect(answer.status).toBe(400);
      expect((await answer.json()).detail).toMatch(detail);
    }
    expect(kept).toEqual([]);
  });

  it('that could not be kept are not acknowledged', async () => {
    const handler = made({
      journal: { append: () => Promise.reject(new Error('disk full')) },
      onError: () => {},
    });
    const answer = await post(handler, '/v1/events', { events: [{ user: 'u1', item: 'a' }] });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toMatch(/disk/);
  });
});

describe('descriptions', () => {
  it('OpenAPI names every parameter that is checked', async () => {
    const handler = made({ journal: { append: async () => {} } });
    const document = await (await get(handler, '/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    const { parameters } = document.paths['/v1/recommendations'].get;
    for (const { name, schema } of parameters) {
      const wrong = schema.type === 'string' ? '' : 'wrong';
      const answer = await get(handler, `/v1/recommendations?${name}=${wrong}`);
      if (schema.type !== 'array') expect(answer.status, name).toBe(400);
    }
    const body = document.paths['/v1/recommendations'].post.requestBody.content['application/json'].schema;
    expect(Object.keys(body.properties)).toEqual(parameters.map(({ name }: { name: string }) => name));
    expect(document.paths['/v1/events'].post).toBeDefined();
    expect((await (await get(made(), '/openapi.json')).json()).paths['/v1/events']).toBeUndefined();
  });

  it('metrics count answers by route and status', async () => {
    const handler = made();
    await get(handler, '/v1/popular');
    await get(handler, '/v1/popular?k=0');
    await get(handler, '/../../x');
    const text = await (await get(handler, '/metrics')).text();
    expect(text).toContain('llminit_http_requests_total{route="/v1/popular",status="200"} 1');
    expect(text).toContain('llminit_http_requests_total{route="/v1/popular",status="400"} 1');
    expect(text).toContain('llminit_http_requests_total{route="other",status="404"} 1');
    expect(text).toMatch(/duration_seconds_bucket\{route="\/v1\/popular",le="\+Inf"\} 2/);
  });
});

describe('the client', () => {
  it('asks every operation and gives errors their code', async () => {
    const kept: unknown[] = [];
    const handler = made({ token: 't', journal: { append: async (records) => void kept.push(...records) } });
    const client = createClient('http://x/', { token: 't', fetch: handler });
    expect((await client.recommend('u3', { k: 2 })).items).toEqual(recommender.recommend('u3', { k: 2 }));
    expect((await client.recommend({ history: ['i,1'] })).items).toEqual(recommender.recommendFor(['i,1']));
    expect((await client.similarItems('i,1')).items).toEqual(recommender.similarItems('i,1'));
    expect((await client.popularItems({ k: 1 })).items).toHaveLength(1);
    expect(await client.addInteractions([{ user: 'a', item: 'i,2' }])).toEqual({ accepted: 1 });
    expect((await client.rank('a', ['i,3', 'i,2'])).items).toHaveLength(2);
    expect(await client.health()).toMatchObject({ status: 'ok', items: 30 });
    const refused = await client.recommend('u3', { k: 0 }).catch((error) => error);
    expect(refused).toBeInstanceOf(ServiceError);
    expect(refused).toMatchObject({ status: 400, code: 'ERR_LLMINIT_OPTION', parameter: 'k' });
    const closed = await createClient('http://x', { fetch: handler })
      .health()
      .catch((error) => error);
    expect(closed.status).toBe('ok');
  });
});
