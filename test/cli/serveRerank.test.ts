import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ChatServer, chatServer, HOSTILE, ranks } from '../chat/chatServer.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

interface Answer {
  readonly status: number;
  readonly detail?: string;
  readonly items: { id: string; title: string; score: number }[];
  readonly rerank?: { by: string; reason: string | null };
}

const { interactions, items } = smallShop();
let cli: Cli;
let server: ChatServer;
const running: ChildProcess[] = [];
beforeAll(async () => {
  [cli, server] = await Promise.all([Cli.create(), chatServer()]);
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
  const inputs = ['--interactions', 'ratings.csv', '--items', 'products.csv', '--model', 'ease'];
  const { code, stderr } = cli.run('train', ...inputs, '--quiet', '--out', 'model.safetensors');
  if (code !== 0) throw new Error(stderr);
});
beforeEach(() => {
  server.requests.length = 0;
  server.behave = ranks((title) => -Number(/\d+$/.exec(title)?.[0] ?? 0));
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  cli.remove();
  await server.close();
});

/** Starts the service and waits for its address. */
async function serve(...args: string[]): Promise<string> {
  const child = cli.start('serve', 'model.safetensors', '--port', '0', ...args);
  running.push(child);
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  for (let n = 0; n < 400; n++) {
    const url = /at (http:\S+)/.exec(stderr)?.[1];
    if (url) return url;
    if (child.exitCode !== null) break;
    await delay(25);
  }
  throw new Error(`the service did not start: ${stderr}`);
}

const chat = () => ['--rerank', '--chat', server.url, '--chat-model', 'm'];
const ask = async (url: string, query: string): Promise<Answer> =>
  (await fetch(`${url}/v1/recommendations?${query}`)).json();

describe('serve --rerank', () => {
  it('re-ranks for those who ask for it, and asks nothing for others', async () => {
    const url = await serve(...chat(), '--rerank-weight', '1');
    const own = await ask(url, 'user=u0&k=5');
    expect(own.rerank).toBeUndefined();
    expect(server.requests).toHaveLength(0);
    const found = await ask(url, 'user=u0&k=5&rerank=true');
    expect(found.rerank).toEqual({ by: 'chat', reason: null });
    expect(server.requests).toHaveLength(3);
    const numbers = found.items.map(({ title }) => Number(/\d+$/.exec(title)![0]));
    expect(numbers).toHaveLength(5);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it('tells the chat model the order of a history, and asks about users by the prompt that needs none', async () => {
    const url = await serve(...chat(), '--rerank-prompt', 'recency', '--rerank-rounds', '1');
    expect((await ask(url, 'history=["i3","i0"]&rerank=true')).rerank!.by).toBe('chat');
    const titleOf = (id: string) => items.find(([item]) => item === id)![1];
    expect(server.requests[0].data).toMatchObject({ mostRecent: titleOf('i0') });
    expect((await ask(url, 'user=u0&rerank=true')).rerank!.by).toBe('chat');
    expect(server.requests[1].data.mostRecent).toBeUndefined();
  });

  it('gives our own order and says why, when the chat model is late or fails, whatever way', async () => {
    const url = await serve(...chat(), '--rerank-deadline', '300');
    const own = await ask(url, 'user=u0&k=5');
    for (const [name, reason] of [
      ['hangs', 'deadline'],
      ['refuses', 'failure'],
      ['answers with prose', 'unusable'],
      ['cuts the connection', /deadline|failure/],
    ] as const) {
      server.behave = HOSTILE[name];
      const found = await ask(url, 'user=u0&k=5&rerank=true');
      expect(found.items, name).toEqual(own.items);
      expect(found.rerank!.by, name).toBe('own');
      expect(found.rerank!.reason, name).toMatch(reason);
    }
    await server.close();
    const gone = await ask(url, 'user=u0&k=5&rerank=true');
    expect(gone.items).toEqual(own.items);
    expect(gone.rerank!.by).toBe('own');
    server = await chatServer();
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
    const { code, stderr } = cli.run('serve', 'model.safetensors', '--port', '0', ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
