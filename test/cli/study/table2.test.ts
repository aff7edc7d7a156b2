import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackedRun } from '../../../src/cli/study/engine/packedRuns.ts';
import { unpackedValues } from '../../../src/cli/study/perUser.ts';
import { SYSTEMS } from '../../../src/cli/study/systems.ts';
import { type ChatServer, chatServer, ranking, reply } from '../../chat/chatServer.ts';
import { Cli } from '../runCli.ts';
import { csv, smallShop } from '../smallShop.ts';

const { interactions, items } = smallShop();
let cli: Cli;
let server: ChatServer;

const table2 = ['reproduce', 'table2', '--items', 'products.csv', '--quiet'];
const small = ['--dim', '6', '--batch', '32', '--epochs', '2', '--workers', '2', '--seeds', '0'];
const timed = [...table2, '--interactions', 'ratings.csv', ...small];

interface Run {
  readonly job: {
    readonly system: string;
    readonly model: string;
    readonly protocol: string;
    readonly order: string;
    readonly seed: number;
    readonly epochs: number;
    readonly batch: number;
    readonly chat?: string;
  };
  readonly result: {
    readonly metrics: Record<string, number>;
    readonly perUser?: { readonly recall: string; readonly ndcg: string };
    readonly bytes: number;
    readonly cost: {
      readonly parameters: number;
      readonly flops: number;
      readonly tokens: number | null;
      readonly newItem: string;
      readonly stranger: boolean;
      readonly worker: boolean;
    };
  };
}
const text = (file: string) => new TextDecoder().decode(cli.read(file));
const runs = (folder: string) =>
  (JSON.parse(text(`${folder}/study.json`)) as { runs: Run[] }).runs.map((run) => unpackedRun(run) as Run);
const rowsWith = (report: string, begin: string) =>
  report.split('\n').filter((line) => line.startsWith(`| ${begin}`));
const rowsOf = (report: string, system: string) => rowsWith(report, `${system} |`);

beforeAll(async () => {
  [cli, server] = await Promise.all([Cli.create(), chatServer()]);
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  const untimed = interactions.map((row) => row.slice(0, 3)) as typeof interactions;
  cli.write('untimed.csv', csv(['user_id', 'item_id', 'rating'], untimed));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
  // Ranks by length of the title, likes the first candidate, and says something about everybody and everything.
  server.behave = (request, response) => {
    const { candidates, items: numbered } = request.data as {
      candidates?: unknown[];
      items?: { number: number }[];
    };
    const system = request.body.messages[0].content;
    const answer = numbered
      ? { items: numbered.map(({ number }) => ({ number, material: 'oak' })) }
      : system.includes('"liked": its number')
        ? { liked: 1, disliked: candidates?.length ?? 2 }
        : candidates
          ? { ranking: ranking(request, (title) => title.length) }
          : { profile: `Likes ${(request.data.history ?? []).slice(0, 2).join(' and ')}.` };
    reply(response, request, JSON.stringify(answer));
  };
});
afterAll(async () => {
  cli.remove();
  await server.close();
});

describe('reproduce table2', () => {
  it('has each system in both protocols and both orders, with what it costs and can do', () => {
    const { code, stdout, stderr } = cli.run(...timed, '--out', 'a');
    expect([code, stderr]).toEqual([0, '']);
    expect(text('a/report.md')).toBe(stdout);
    for (const order of ['random order', 'in order of time'])
      for (const seen of ['standard (seen items masked)', 'paper (nothing masked)'])
        expect(stdout).toContain(`protocol ${seen}, ${order}`);
    for (const { name } of SYSTEMS) expect(rowsOf(stdout, name).length).toBeGreaterThanOrEqual(5);
    expect(stdout).toContain('equals LLMInit-Full in its Table 2 to the digit');
    expect(rowsOf(stdout, 'LLMInit-Var (SGCL)').at(-1)).toContain('.1104 | .0522 | .0941 | .0421');
    const of = (system: string) => runs('a').filter(({ job }) => job.system === system);
    const settings = new Set(of('SASRec').map(({ job }) => `${job.protocol} ${job.order}`));
    expect(settings.size).toBe(4);
    expect(of('popularity')[0].result.cost).toMatchObject({ newItem: 'no', stranger: false, worker: true });
    expect(of('auto')[0].result.cost).toMatchObject({ newItem: 'neighbours', stranger: true });
    expect(of('MoRec')[0].result.cost).toMatchObject({ newItem: 'map', stranger: true, tokens: null });
    expect(of('AlphaRec')[0].result.cost).toMatchObject({ newItem: 'map', stranger: true, tokens: null });
    // 40 users and 24 items of 6 numbers.
    expect(of('LLMInit-Var (LightGCN)')[0].result.cost.parameters).toBe(64 * 6);
    // Two layers forward and backward over 2 E entries of the graph, and two scores of each pair with their gradients.
    const [{ interactions: edges }] = (
      JSON.parse(text('a/study.json')) as { splits: { interactions: number }[] }
    ).splits;
    const update = 4 * 2 * edges * 6 + 3 * 32 * 2 * 6;
    expect(of('xavier (LightGCN)')[0].result.cost.flops).toBe(2 * Math.ceil(edges / 32) * 2 * update);
    for (const { result } of runs('a')) {
      expect(result.cost.flops).toBeGreaterThan(0);
      expect(result.bytes).toBeGreaterThan(4 * result.cost.parameters);
    }
  });

  it('says how to run what needs a chat model, and makes no figure up', () => {
    const report = cli.run('reproduce', 'table2', '--report-only', '--out', 'a').stdout;
    for (const system of ['LLMRank', 'LLMRec']) {
      expect(rowsOf(report, system)[0]).toMatch(/^\| LLMR\w+ \| not run \|( – \|)+$/);
      expect(report).toContain(`${system}: not run, it takes a chat model: llminit reproduce table2`);
    }
  });

  it('goes on with the rows of a chat model, counts their tokens and asks nothing twice', async () => {
    const before = runs('a').length;
    const chat = [
      '--chat',
      server.url,
      '--chat-model',
      'm',
      '--chat-cache',
      'answers',
      '--attributes',
      'material',
    ];
    const args = [...timed, '--out', 'a', ...chat, '--rerank-users', '12', '--augment-users', '15'];
    const first = await cli.answered(args);
    expect([first.code, first.stderr]).toEqual([0, '']);
    const added = runs('a').filter(({ job }) => job.chat !== undefined);
    expect(runs('a').length).toBe(before + added.length);
    expect(added.map(({ job }) => `${job.system} ${job.protocol} ${job.order}`).sort()).toEqual([
      ...['LLMRank standard random', 'LLMRank standard time', 'LLMRec paper random', 'LLMRec paper time'],
      ...['LLMRec standard random', 'LLMRec standard time'],
    ]);
    const tokens = added.map(({ result }) => result.cost.tokens ?? 0);
    expect(tokens.some((count) => count > 1000)).toBe(true);
    const [rank] = added.filter(({ job }) => job.system === 'LLMRank');
    const measured = unpackedValues(rank.result.perUser!.ndcg).filter((value) => !Number.isNaN(value));
    expect(measured.length).toBe(12);
    expect(measured.reduce((sum, value) => sum + value, 0) / 12).toBeCloseTo(
      rank.result.metrics['ndcg@10'],
      4,
    );
    expect(rowsOf(first.stdout, 'LLMRec')[0]).toMatch(/^\| LLMRec \| \.\d{4} \[/);
    expect(first.stdout).toContain(`LLMRank asks ${server.url.replace('/v1', '')}`.slice(0, 30));
    const asked = server.requests.length;
    const again = await cli.answered([...args, '--out', 'b', '--protocol', 'standard']);
    expect(again.code).toBe(0);
    expect(server.requests.length).toBe(asked);
    const kept = ({ job, result }: Run) => [job, result.metrics];
    const others = new Map(runs('b').map((run) => [JSON.stringify(run.job), kept(run)]));
    for (const run of added.filter(({ job }) => job.protocol === 'standard'))
      expect(others.get(JSON.stringify(run.job))).toEqual(kept(run));
    const other = await cli.answered([
      ...args,
      '--protocol',
      'standard',
      '--order',
      'time',
      '--rerank-rounds',
      '1',
    ]);
    expect([other.code, other.stderr]).toEqual([0, '']);
    const rows = rowsWith(other.stdout, 'LLMRank: ');
    expect(rows.some((row) => row.includes('rounds 1'))).toBe(true);
    expect(new Set(rows.map((row) => row.split(' | ')[0])).size).toBe(2);
  });

  it('leaves the order of time out where nothing says when, takes one order where it is named, and is quick where asked', () => {
    const quick = ['--quick', '--dim', '6', '--workers', '2'];
    const args = [...table2, ...quick, '--models', 'sgcl', '--no-baselines', '--protocol', 'paper'];
    const untimed = cli.run(
      ...args.filter((arg) => arg !== '--quiet'),
      '--interactions',
      'untimed.csv',
      '--out',
      'c',
    );
    expect(untimed.code).toBe(0);
    expect(untimed.stderr).toMatch(/the interactions have no times: \d+ runs in order of time are left out/);
    expect(new Set(runs('c').map(({ job }) => job.order))).toEqual(new Set(['random']));
    expect(runs('c').some(({ job }) => ['lightgcn', 'ease'].includes(job.model))).toBe(false);
    expect(new Set(runs('c').map(({ job }) => `${job.seed} ${job.epochs} ${job.batch}`))).toEqual(
      new Set(['0 2 512']),
    );
    const time = cli.run(...args, '--interactions', 'ratings.csv', '--order', 'time', '--out', 'd');
    expect(time.code).toBe(0);
    expect(new Set(runs('d').map(({ job }) => job.order))).toEqual(new Set(['time']));
  });

  it.each([
    ['--chat-model m', 'table1', /--chat-model: expected table2 beside it, received table1/],
    ['--rerank-users 5', 'table2', /--rerank-users: expected --chat beside it, received none/],
    ['--chat http://localhost:1/v1', 'table2', /--chat: expected --chat-model beside it, received none/],
    ['--models sgl', 'table2', /--models: expected values that table2 has runs for, received sgl/],
  ])('refuses %s beside %s', (line, experiment, message) => {
    const given = ['--interactions', 'ratings.csv', '--items', 'products.csv', ...line.split(' ')];
    const { code, stderr } = cli.run('reproduce', experiment, ...given);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
