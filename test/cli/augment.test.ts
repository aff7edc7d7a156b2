import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/index.ts';
import { type ChatBehaviour, type ChatServer, chatServer, HOSTILE, reply } from '../chat/chatServer.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { interactions, items } = smallShop();
const text = (name: string) => new TextDecoder().decode(cli.read(name));
let cli: Cli;
let server: ChatServer;

/** Answers each kind of question. */
const answers: ChatBehaviour = (request, response) => {
  const {
    candidates,
    items: shown,
    history,
  } = request.data as {
    candidates?: unknown[];
    items?: { number: number; text: string }[];
    history?: string[];
  };
  if (candidates) reply(response, request, '{"liked":1,"disliked":2}');
  else if (shown)
    reply(
      response,
      request,
      JSON.stringify({
        items: shown.map(({ number, text: own }) => ({
          number,
          material: `of ${own.split(' ')[1].replace(/\W/g, '')}`,
        })),
      }),
    );
  else reply(response, request, JSON.stringify({ profile: `Likes ${history![0]}` }));
};

beforeAll(async () => {
  [cli, server] = await Promise.all([Cli.create(), chatServer()]);
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
});
beforeEach(() => {
  server.requests.length = 0;
  server.behave = answers;
});
afterAll(async () => {
  cli.remove();
  await server.close();
});

const DATA = ['--interactions', 'ratings.csv', '--items', 'products.csv'];
const augment = (...more: string[]) =>
  cli.answered(['augment', ...DATA, '--chat', server.url, '--chat-model', 'm', '--out', 'out', ...more]);

describe('augment', () => {
  it('writes three files, which training takes, each alone and all together', async () => {
    const { code, stderr, stdout } = await augment(
      '--attributes',
      'material',
      '--price-in',
      '1',
      '--price-out',
      '1',
    );
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /wrote out\/edges\.csv: 80 rows of 40 answers \(0 from the cache, 0 of no use\), \d+ \+ \d+ tokens, price/,
    );
    expect(text('out/edges.csv')).toMatch(/^user,item,sign,weight\nu\d+,i\d+,1,0\.5\nu\d+,i\d+,-1,0\.5\n/);
    expect(text('out/attributes.csv')).toMatch(/^item,material\ni\d+,of \w+\n/);
    expect(text('out/profiles.csv')).toMatch(/^user,profile\nu0,"?Likes /);
    const held = server.requests.filter(({ data }) => data.candidates).length;
    expect(held).toBe(40);
    const files = {
      '--edges': ['--edges', 'out/edges.csv', '--negatives', 'disliked'],
      '--attributes': ['--attributes', 'out/attributes.csv'],
      '--profiles': ['--profiles', 'out/profiles.csv', '--profiles-weight', '1'],
    };
    const training = [
      '--init',
      'variance',
      '--epochs',
      '2',
      '--dim',
      '4',
      '--quiet',
      '--out',
      'm.safetensors',
    ];
    const bytes = new Set<string>();
    const pruned = ['--edges', 'out/edges.csv', '--prune', '0.71'];
    for (const flags of [[], ...Object.values(files), Object.values(files).flat(), pruned]) {
      const made = cli.run('train', ...DATA, ...training, ...flags);
      expect([made.code, made.code === 0 ? '' : made.stderr]).toEqual([0, '']);
      const model = decodeModel(cli.read('m.safetensors'), 'm');
      bytes.add(Array.from(model.itemFactors.subarray(0, 8)).join());
      const report = model.config.augmented as { edges?: { liked: number }; attributes?: number } | undefined;
      expect(model.config.loss).toEqual({ name: 'bpr', ...(flags === pruned && { prune: 0.71 }) });
      expect(report?.edges !== undefined).toBe(flags.includes('--edges'));
      if (report?.edges) expect(report.edges.liked).toBeGreaterThan(0);
      if (flags.includes('--attributes')) expect(report?.attributes).toBe(24);
    }
    expect(bytes.size).toBe(6);
  });

  it('goes on from its answers after it was killed or ended', async () => {
    rmSync(join(cli.folder, 'out'), { recursive: true, force: true });
    const more = ['--parts', 'profiles', '--chat-seed', '1'];
    let answered = 0;
    server.behave = (...all) => (++answered > 12 ? undefined : answers(...all));
    const child = cli.start(
      'augment',
      ...DATA,
      '--chat',
      server.url,
      '--chat-model',
      'm',
      '--out',
      'out',
      ...more,
    );
    let told = '';
    child.stderr!.on('data', (chunk) => {
      told += chunk;
    });
    await until(() => answered > 12);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = performance.now();
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code, told).not.toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(existsSync(join(cli.folder, 'out/profiles.csv'))).toBe(false);
    server.behave = answers;
    server.requests.length = 0;
    const { stdout } = await augment(...more);
    expect(stdout).toMatch(/40 rows of 40 answers \(1\d from the cache/);
    expect(server.requests.length).toBeLessThanOrEqual(28);
  });

  it('says what it would ask, and asks nothing', async () => {
    const { stdout } = await augment('--preview', '--attributes', 'material,occasion', '--users', '7');
    expect(stdout).toMatch(
      /to ask m: 7 questions about edges; 3 about material, occasion of 24 items; 7 about profiles/,
    );
    expect(server.requests.length).toBe(0);
  });

  it('names a service that refuses, and writes nothing', async () => {
    server.behave = HOSTILE.refuses;
    const { code, stderr } = await augment('--parts', 'edges', '--chat-seed', '2');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/status 401.*no such key/)]);
  });

  it.each([
    [['augment', ...DATA, '--out', 'o'], /augment: expected --chat beside it/],
    [
      ['augment', ...DATA, '--out', 'o', '--chat', 'http://h', '--chat-model', 'm', '--parts', 'attributes'],
      /--attributes/,
    ],
    [
      ['augment', '--interactions', 'ratings.csv', '--out', 'o', '--chat', 'http://h', '--chat-model', 'm'],
      /expected --items/,
    ],
    [['train', ...DATA, '--out', 'm', '--edges-weight', '2'], /--edges-weight: expected --edges/],
    [
      ['train', '--interactions', 'ratings.csv', '--init', 'xavier', '--out', 'm', '--profiles', 'x'],
      /--profiles: expected/,
    ],
    [['train', ...DATA, '--out', 'm', '--edges', 'nothing.csv', '--model', 'ease'], /nothing\.csv/],
    [['train', ...DATA, '--out', 'm', '--init', 'xavier', '--prune', '1'], /--prune/],
    [['train', ...DATA, '--out', 'm', '--init', 'xavier', '--prune', '.5', '--loss', 'softmax'], /prune/],
  ])('refuses %j', (args, message) => {
    const { code, stderr } = cli.run(...args);
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(message)]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
