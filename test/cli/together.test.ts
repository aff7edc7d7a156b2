import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  const { interactions, items } = smallShop();
  cli.write('r.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('p.csv', csv(['item_id', 'title', 'description'], items));
});
afterAll(() => cli.remove());

const data = [
  '--interactions',
  'r.csv',
  '--items',
  'p.csv',
  '--dim',
  '8',
  '--epochs',
  '2',
  '--batch',
  '32',
  '--quiet',
];

function run(...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const child = cli.start(...args);
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

describe('two commands that write to one file at the same time', () => {
  it('keep all runs of evaluate --results', async () => {
    const evaluate = (seeds: string) =>
      run('evaluate', ...data, '--init', 'xavier,variance', '--seeds', seeds, '--results', 'f.json');
    const ended = await Promise.all([evaluate('0,1'), evaluate('2,3')]);
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const { runs } = JSON.parse(new TextDecoder().decode(cli.read('f.json')));
    const names = runs.map(
      ({ result }: { result: { init: string; seed: number } }) => `${result.init} ${result.seed}`,
    );
    expect(names.sort()).toEqual(
      [0, 1, 2, 3].flatMap((seed) => [`variance ${seed}`, `xavier ${seed}`]).sort(),
    );
  });

  it('keep all runs of reproduce --out', async () => {
    const reproduce = (seeds: string) =>
      run(
        'reproduce',
        'inits',
        ...data,
        '--models',
        'lightgcn',
        '--inits',
        'xavier,variance',
        '--no-baselines',
        '--seeds',
        seeds,
        '--workers',
        '1',
        '--out',
        'study',
      );
    const ended = await Promise.all([reproduce('0,1'), reproduce('2,3')]);
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const { runs } = JSON.parse(new TextDecoder().decode(cli.read('study/study.json')));
    expect(new Set(runs.map(({ job }: { job: { seed: number } }) => job.seed))).toEqual(
      new Set([0, 1, 2, 3]),
    );
  });
});
