import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

interface Tuned {
  readonly best: Record<string, string>;
  readonly trials: {
    readonly values: Record<string, string | null>;
    readonly runs: { readonly seed: number; readonly valid: number; readonly bestEpoch: number }[];
    readonly mean: number;
    readonly sd: number | null;
  }[];
}

const { interactions, items } = smallShop();
let cli: Cli;
const tune = [
  'tune',
  '--interactions',
  'ratings.csv',
  '--items',
  'products.csv',
  '--epochs',
  '3',
  '--dim',
  '8',
];

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
});
afterAll(() => cli.remove());

describe('tune', () => {
  it('tries every combination by validation, the best first, as train reaches it', () => {
    const args = [
      '--init',
      'variance',
      '--vary',
      'lr=0.001,0.05',
      '--vary',
      'pool=mean,max',
      '--seeds',
      '0,1',
    ];
    const { trials, best } = cli.json<Tuned>(...tune, ...args);
    expect(trials).toHaveLength(4);
    const means = trials.map(({ mean }) => mean);
    expect(means).toEqual([...means].sort((a, b) => b - a));
    expect(means[0]).toBeGreaterThan(means[3]);
    expect(best).toEqual(trials[0].values);
    for (const { runs, mean } of trials) expect((runs[0].valid + runs[1].valid) / 2).toBeCloseTo(mean, 10);
    const { lr, pool } = best;
    const again = ['--init', 'variance', '--lr', lr, '--pool', pool, '--seed', '0', '--out', 'm.safetensors'];
    const trained = cli.json<{ metrics: { valid: number } }>('train', ...tune.slice(1), ...again);
    expect(trained.metrics).toMatchObject({ bestEpoch: trials[0].runs[0].bestEpoch });
    expect(JSON.stringify(trained.metrics)).toContain(`${trials[0].runs[0].valid}`);
  });

  it('prints a table and the flags of the best, and goes on from --results', () => {
    const args = [
      '--vary',
      'init=xavier,graph-pca',
      '--vary',
      'graph-weight=0.1,0.9',
      '--results',
      'tuned.json',
    ];
    const first = cli.run(...tune, ...args);
    expect(first.stderr.match(/best epoch/g)).toHaveLength(3);
    expect(first.stdout).toMatch(/^3 trials by validation NDCG@10, seeds 0; no test item was looked at\n/);
    // xavier reads no graph weight: one trial, not two.
    expect(first.stdout.match(/│ xavier +│ – +│/g)).toHaveLength(1);
    expect(first.stdout).toMatch(/the best of them: llminit train with --init \S+/);
    const second = cli.run(...tune, ...args);
    expect(second.stdout).toBe(first.stdout);
    expect(second.stderr).toMatch(/^3 runs, 3 of them found in tuned\.json$/m);
    expect(second.stderr).not.toMatch(/expected at most/);
  });

  it('keeps what is done when it is interrupted, and goes on with the same command', async () => {
    const args = [
      '--init',
      'xavier',
      '--vary',
      'lr=0.001,0.01',
      '--vary',
      'layers=1,2,3',
      '--results',
      'part.json',
    ];
    const child = cli.start(...tune, ...args, '--epochs', '60', '--patience', '60');
    let stderr = '';
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', (chunk) => {
        stderr += chunk;
        if (/best epoch \d+ of/.test(stderr)) resolve();
      });
      child.on('close', () => resolve());
    });
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
    const [, done] = /interrupted: (\d) of 6 runs are in part\.json; go on with the same command/.exec(
      stderr,
    )!;
    const again = cli.run(...tune, ...args, '--epochs', '60', '--patience', '60');
    if (Number(done) > 0) expect(again.stderr).toContain(`6 runs, ${done} of them found in part.json\n`);
    expect(again.stdout).toMatch(/^6 trials by validation/);
  });

  it('has the same table with one run at a time and with several', () => {
    const args = ['--vary', 'init=xavier,variance', '--vary', 'lr=0.001,0.05', '--seeds', '0,1'];
    const [one, three] = ['1', '3'].map((workers) => cli.run(...tune, ...args, '--workers', workers));
    expect([one.code, three.code]).toEqual([0, 0]);
    expect(three.stdout).toBe(one.stdout);
    expect(three.stderr.match(/^\[\d\/8/gm)).toHaveLength(8);
  });

  it('draws as many combinations as --trials says, the same ones for the same seed', () => {
    const args = [
      '--init',
      'xavier',
      '--vary',
      'lr=0.001,0.002,0.003,0.004,0.005',
      '--vary',
      'layers=1,2',
      '--trials',
      '3',
    ];
    const drawn = () => cli.json<Tuned>(...tune, ...args, '--epochs', '1').trials.map(({ values }) => values);
    const values = drawn();
    expect(values).toHaveLength(3);
    expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(3);
    expect(drawn()).toEqual(values);
  });

  const refused: [line: string, says: RegExp][] = [
    ['--vary lrate=1,2', /--vary: expected an option of training, received "lrate"\. /],
    ['--vary layer=1,2', /Did you mean layers\?/],
    ['--vary lr', /expected an option and its values, received "lr"\. Pass e\.g\. lr=0\.001,0\.01/],
    ['--vary lr=1,,2', /expected values of lr separated by commas, each once/],
    ['--vary lr=0.01,x', /--lr: expected a number > 0, received "x"/],
    ['--vary epochs=1,2', /expected no --epochs beside epochs, received both/],
    ['--vary lr=0.1 --vary lr=0.2', /expected each option once, received lr twice/],
    [
      '--vary init=xavier,pca --vary graph-weight=0.1',
      /expected an init that reads graph-weight, received none/,
    ],
    ['--vary threads=1,2', /expected an option of training, received "threads"/],
    ['--vary lr=0.01,0.1 --split none --init xavier', /expected validation interactions to choose by/],
  ];
  it.each(refused)('refuses %s', (line, says) => {
    const { code, stdout, stderr } = cli.run(...tune, ...line.split(' '), '--quiet');
    expect(stderr).toMatch(says);
    expect(stdout).toBe('');
    expect([1, 2]).toContain(code);
  });
});
