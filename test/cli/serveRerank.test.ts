import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOSTILE } from '../chat/chatServer.ts';
import { numberOf, RerankingShop, titleOf } from './rerankingShop.ts';

interface Answer {
  readonly status: number;
  readonly detail?: string;
  readonly items: { id: string; title: string; score: number }[];
  readonly rerank?: { by: string; reason: string | null };
}

let shop: RerankingShop;
beforeAll(async () => {
  shop = await RerankingShop.create();
});
beforeEach(() => shop.reset());
afterEach(() => shop.cli.endStarted());
afterAll(() => shop.close());

const serve = async (...args: string[]) => (await shop.cli.serve('model.safetensors', ...args)).url;
const ask = async (url: string, query: string): Promise<Answer> =>
  (await fetch(`${url}/v1/recommendations?${query}`)).json();

describe('serve --rerank', () => {
  it('re-ranks for those who ask for it, and asks nothing for others', async () => {
    const url = await serve(...shop.flags, '--rerank-weight', '1');
    const own = await ask(url, 'user=u0&k=5');
    expect(own.rerank).toBeUndefined();
    expect(shop.server.requests).toHaveLength(0);
    const found = await ask(url, 'user=u0&k=5&rerank=true');
    expect(found.rerank).toEqual({ by: 'chat', reason: null });
    expect(shop.server.requests).toHaveLength(3);
    const numbers = found.items.map(({ title }) => numberOf(title));
    expect(numbers).toHaveLength(5);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it('tells the chat model the order of a history, and asks about users by the prompt that needs none', async () => {
    const url = await serve(...shop.flags, '--rerank-prompt', 'recency', '--rerank-rounds', '1');
    expect((await ask(url, 'history=["i3","i0"]&rerank=true')).rerank!.by).toBe('chat');
    expect(shop.server.requests[0].data).toMatchObject({ mostRecent: titleOf('i0') });
    expect((await ask(url, 'user=u0&rerank=true')).rerank!.by).toBe('chat');
    expect(shop.server.requests[1].data.mostRecent).toBeUndefined();
  });

  it('gives our own order and says why, when the chat model is late or fails, whatever way', async () => {
    const url = await serve(...shop.flags, '--rerank-deadline', '300');
    const own = await ask(url, 'user=u0&k=5');
    for (const [name, reason] of [
      ['hangs', 'deadline'],
      ['refuses', 'failure'],
      ['answers with prose', 'unusable'],
      ['cuts the connection', /deadline|failure/],
    ] as const) {
      shop.server.behave = HOSTILE[name];
      const found = await ask(url, 'user=u0&k=5&rerank=true');
      expect(found.items, name).toEqual(own.items);
      expect(found.rerank!.by, name).toBe('own');
      expect(found.rerank!.reason, name).toMatch(reason);
    }
    await shop.restart(async () => {
      const gone = await ask(url, 'user=u0&k=5&rerank=true');
      expect(gone.items).toEqual(own.items);
      expect(gone.rerank!.by).toBe('own');
    });
  });

  it('says that it re-ranks nothing without a chat model, and refuses flags that nothing reads', async () => {
    const url = await serve();
    expect(await ask(url, 'user=u0&rerank=true')).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/re-ranks nothing/),
    });
  });

  it.each([
    [['--rerank'], /--rerank: expected --chat beside it/],
    [['--rerank-rounds', '2'], /--rerank-rounds: expected --rerank beside it/],
    [['--rerank', '--chat', 'http://h', '--chat-model', 'm', '--rerank-rounds', '0'], /--rerank-rounds/],
  ])('refuses %j', (args, message) => {
    const { code, stderr } = shop.cli.run('serve', 'model.safetensors', '--port', '0', ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
