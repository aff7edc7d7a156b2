import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOSTILE } from '../chat/chatServer.ts';
import { numberOf, RerankingShop, titleOf } from './rerankingShop.ts';

interface Answer {
  readonly items: { rank: number; id: string; title: string }[];
  readonly rerank: { by: string; reason: string | null; usable: number; cached: number };
}

let shop: RerankingShop;
beforeAll(async () => {
  shop = await RerankingShop.create();
});
beforeEach(() => shop.reset());
afterAll(() => shop.close());

const KEY = 'sk-Proj_9fQ2xWb7-LmN4';
const ask = (...more: string[]) =>
  shop.cli.answered(['recommend', 'model.safetensors', '-k', '5', ...more], { LLMINIT_API_KEY: KEY });

describe('recommend --rerank', () => {
  it('asks the chat model with the key of the environment, and says what came of it', async () => {
    const { stdout, stderr, code } = await ask(
      '--user',
      'u0',
      ...shop.flags,
      '--rerank-weight',
      '1',
      '--json',
    );
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^re-ranked by m: 3 of 3 rounds, agreement 1\.00, \d+ \+ \d+ tokens, /),
    ]);
    const found: Answer = JSON.parse(stdout);
    const numbers = found.items.map(({ title }) => numberOf(title));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(found.rerank).toMatchObject({ by: 'chat', usable: 3 });
    expect(shop.server.requests.map(({ authorization }) => authorization)).toEqual(
      Array(3).fill(`Bearer ${KEY}`),
    );
    expect(shop.server.requests[0].body).toMatchObject({ model: 'm', temperature: 0 });
  });

  it('asks nothing again with a cache, and takes the history in its order', async () => {
    const more = [
      ...shop.flags,
      '--history',
      'i3,i0',
      '--chat-cache',
      'answers',
      '--rerank-prompt',
      'recency',
      '--json',
    ];
    const first = JSON.parse((await ask(...more)).stdout);
    expect(shop.server.requests.length).toBe(3);
    const again: Answer = JSON.parse((await ask(...more)).stdout);
    expect(shop.server.requests.length).toBe(3);
    expect(again.items).toEqual(first.items);
    expect(again.rerank.cached).toBe(3);
    expect(shop.server.requests[0].data).toMatchObject({
      history: ['i3', 'i0'].map(titleOf),
      mostRecent: titleOf('i0'),
    });
  });

  it('prints our own order, why, and no key, when the service refuses', async () => {
    shop.server.behave = HOSTILE.refuses;
    const own = await ask('--user', 'u0');
    const { stdout, stderr, code } = await ask('--user', 'u0', ...shop.flags);
    expect(code).toBe(0);
    expect(stdout).toBe(own.stdout);
    expect(stderr).toMatch(/^in our own order \(failure\): .*status 401.*no such key/);
    expect(stderr).not.toContain(KEY);
  });

  it.each([
    [['--user', 'u0', '--rerank'], /--rerank: expected --chat beside it/],
    [
      ['--user', 'u0', '--rerank', '--chat', 'http://127.0.0.1:1'],
      /--rerank: expected --chat-model beside it/,
    ],
    [['--user', 'u0', '--rerank-rounds', '2'], /--rerank-rounds: expected --rerank beside it/],
    [['--user', 'u0', '--chat-cache', 'x'], /--chat-cache: expected --rerank beside it/],
    [
      ['--text', 'pen', '--rerank', '--chat', 'http://h', '--chat-model', 'm'],
      /--user or --history beside it/,
    ],
    [['--user', 'u0', '--rerank', '--chat', 'file:///x', '--chat-model', 'm'], /--chat/],
    [
      ['--user', 'u0', '--rerank', '--chat', 'http://h', '--chat-model', 'm', '--rerank-rounds', '0'],
      /--rerank-rounds/,
    ],
    [
      ['--user', 'u0', '--rerank', '--chat', 'http://h', '--chat-model', 'm', '--rerank-prompt', 'recency'],
      /history with an order.*--rerank-prompt/,
    ],
  ])('refuses %j', (args, message) => {
    const { code, stderr } = shop.cli.run('recommend', 'model.safetensors', ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
