import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ChatServer, chatServer, HOSTILE, ranks } from '../chat/chatServer.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { interactions, items } = smallShop();
let cli: Cli;
let server: ChatServer;
beforeAll(async () => {
  [cli, server] = await Promise.all([Cli.create(), chatServer()]);
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
});
beforeEach(() => {
  server.requests.length = 0;
});
afterAll(async () => {
  cli.remove();
  await server.close();
});

const DATA = ['--interactions', 'ratings.csv', '--items', 'products.csv', '--order', 'time'];
const TRAINING = ['--init', 'xavier', '--seeds', '0', '--epochs', '1', '--dim', '4'];
const chat = (...more: string[]) => [
  ...[
    'evaluate',
    ...DATA,
    ...TRAINING,
    '--rerank',
    '--chat',
    server.url,
    '--chat-model',
    'm',
    '--rerank-users',
    '15',
  ],
  ...more,
];
/** Titles that each user has, those that are held out included: what a model that knows the future would say. */
const owned = [...new Set(interactions.map(([user]) => user))].map((user) => {
  const own = interactions.filter(([who]) => who === user).map(([, item]) => item);
  return new Set(items.filter(([id]) => own.includes(id)).map(([, title]) => title));
});
const prophet = ranks((title, history) =>
  owned.some((titles) => titles.has(title) && history.every((one) => titles.has(one))) ? 1 : 0,
);

describe('evaluate --rerank', () => {
  it('finds the weight on validation users and measures on test users, with cost and ceiling', async () => {
    server.behave = prophet;
    const more = ['--rerank-history', '50', '--price-in', '1', '--price-out', '4', '--chat-cache', 'answers'];
    const { stdout, stderr, code } = await cli.answered(chat(...more));
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /re-ranking 15 validation and 15 test users: at most 90 requests, about \d+ \+ \d+ tokens, \d+\.\d\d in all/,
      ),
    ]);
    expect(stdout).toMatch(/xavier, seed 0, the first 20 re-ranked by m, 15 test users drawn/);
    expect(stdout).toMatch(/our own order +│ 0\.\d{4}/);
    expect(stdout).toMatch(
      /with the chat model, weight (0\.5|0\.75|1) +│ +0\.\d{4} │ \+0\.\d{4} │ \+0\.\d{4} … \+0\.\d{4}/,
    );
    expect(stdout).toMatch(/ceiling: \d+\.\d % are candidates/);
    expect(stdout).toMatch(/test: its order for 15; agreement .*; \d+ \+ \d+ tokens; .* s; price \d/);
    const asked = server.requests.length;
    expect(asked).toBeGreaterThan(80);
    const again = await cli.answered(chat(...more));
    expect(server.requests.length).toBe(asked);
    expect(again.stdout).toMatch(/45 answers \(45 from the cache\)/);
  });

  it('leaves our order to a server that knows nothing, and asks it about no test user', async () => {
    server.behave = HOSTILE['ranks by something else that is always the same'];
    const { stdout, code } = await cli.answered(chat('--json'));
    expect(code).toBe(0);
    const [{ rerank }] = JSON.parse(stdout).runs;
    expect(rerank.calibration.weight).toBe(0);
    expect(rerank.evaluation.ndcg).toBe(rerank.evaluation.ownNdcg);
    expect(rerank.evaluation.unchanged).toEqual({ weight: 15 });
    expect(server.requests.length).toBe(45);
  });

  it('says what it would cost without asking, and finds finished runs', async () => {
    const more = ['--rerank-preview', '--results', 'runs.json'];
    const { stdout } = await cli.answered(chat(...more));
    expect(stdout).toMatch(/re-ranked by m: not asked; at most 90 requests, about \d+ \+ \d+ tokens/);
    expect((await cli.answered(chat(...more))).stderr).toMatch(/found in runs\.json/);
    expect(server.requests.length).toBe(0);
  });

  it.each([
    [['--rerank-users', '5'], /--rerank-users: expected --rerank beside it/],
    [['--price-in', '5'], /--price-in: expected --rerank beside it/],
    [['--rerank-preview'], /--rerank-preview: expected --rerank beside it/],
    [['--rerank', '--chat', 'http://h', '--chat-model', 'm', '--protocol', 'paper'], /--protocol standard/],
    [['--rerank', '--chat', 'http://h', '--chat-model', 'm', '--baselines', 'popularity'], /no --baselines/],
    [['--rerank', '--chat', 'http://h'], /expected --chat-model/],
  ])('refuses %j', (args, message) => {
    const { code, stderr } = cli.run('evaluate', ...DATA, ...TRAINING, ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
