import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cli } from './runCli.ts';

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
});
afterAll(() => cli.remove());

const SCALE = ['--users', '30e6', '--items', '5e6', '--interactions', '2e9', '--dim', '64'];

it('says what each stage takes and which should move', () => {
  const { code, stdout } = cli.run('plan', ...SCALE, '--text-width', '384', '--memory', '64');
  expect(code).toBe(0);
  expect(stdout).toContain('data should move to DuckDB, training should move to PyTorch');
  expect(stdout).toContain('closed form would not fit 8 machines either');
  const small = ['--users', '1e5', '--items', '2e4', '--interactions', '1e6'];
  expect(cli.run('plan', ...small, '--memory', '16').stdout).toContain('one machine does all of it');
});

it('gives the numbers as JSON', () => {
  interface Plan {
    readonly stages: readonly {
      readonly stage: string;
      readonly moves: boolean;
      readonly here: { memory: number };
    }[];
  }
  const { stages } = cli.json<Plan>('plan', ...SCALE, '--memory', '64');
  expect(stages.map(({ stage, moves }) => [stage, moves])).toEqual([
    ['data', true],
    ['training, an epoch', true],
    ['closed form, a setting', true],
    ['serving, a request', false],
  ]);
  expect(stages.every(({ here }) => Number.isFinite(here.memory))).toBe(true);
});

it.each([
  [['--users', '0'], '--users: expected a whole number above 0'],
  [['--users', 'many'], '--users: expected a whole number above 0'],
  [['--memory', '-1'], '--memory: expected a number above 0'],
  [['--interactions', '5'], 'interactions of 30000000 users'],
])('refuses %s', (flags, message) => {
  const { code, stderr } = cli.run('plan', ...SCALE, ...flags);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
