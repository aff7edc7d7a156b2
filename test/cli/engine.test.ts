import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

let cli: Cli;
const { interactions } = smallShop();
const header = ['user_id', 'item_id', 'rating', 'timestamp'];
const FILTERS = ['--min-rating', '3', '--k-core', '3'];
const MODEL = ['--epochs', '1', '--dim', '4', '--init', 'xavier', '--quiet'];
const DUCKDB = ['--engine', 'duckdb', '--engine-memory', '128'];

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('part1.csv', csv(header, interactions.slice(0, 100)));
  cli.write('part2.csv', csv(header, interactions.slice(100)));
});
afterAll(() => cli.remove());

describe('--engine duckdb', () => {
  it('refuses to read without the package, and says how to install it', () => {
    const { code, stderr } = cli.run('check', 'part1.csv', ...DUCKDB);
    expect(code).toBe(1);
    expect(stderr).toContain('Install it: npm install @duckdb/node-api');
  });

  describe('with the package', () => {
    beforeAll(() => cli.install(join(import.meta.dirname, '../../node_modules')));

    it('trains the same model from the same files', () => {
      const data = ['--interactions', 'part*.csv', ...FILTERS];
      interface Train {
        readonly data: object;
      }
      const own = cli.json<Train>('train', ...data, ...MODEL, '--out', 'own.safetensors');
      const spill = ['--spill', cli.folder];
      const theirs = cli.json<Train>(
        'train',
        ...data,
        ...DUCKDB,
        ...spill,
        ...MODEL,
        '--out',
        'theirs.safetensors',
      );
      expect(theirs.data).toEqual(own.data);
      const bytes = (name: string) => readFileSync(join(cli.folder, name));
      expect(bytes('theirs.safetensors').equals(bytes('own.safetensors'))).toBe(true);
    });

    it('checks files as memory does', () => {
      expect(cli.json<object>('check', 'part1.csv', 'part2.csv', ...DUCKDB)).toEqual(
        cli.json<object>('check', 'part1.csv', 'part2.csv'),
      );
    });

    it.each(['recbole', 'parquet'])(
      'prepares a file of %s from which the same model is trained',
      (format) => {
        interface Prepared {
          readonly out: string;
          readonly rows: number;
          readonly data: { readonly stages: object };
          readonly suggestion: string;
        }
        const files = ['--interactions', 'part1.csv', 'part2.csv', ...FILTERS];
        const prepared = cli.json<Prepared>(
          'prepare',
          ...files,
          '--write',
          format,
          '--out',
          format,
          '--quiet',
        );
        const reading = prepared.suggestion.split(' ').slice(4, -2);
        expect(reading).toEqual(['--min-rating', '3', '--feedback', 'rating']);
        interface Train {
          readonly data: { readonly stages: object; readonly parts: object };
        }
        const own = cli.json<Train>('train', ...files, ...MODEL, '--out', 'own.safetensors');
        const from = ['--interactions', prepared.out, ...reading];
        const again = cli.json<Train>('train', ...from, ...MODEL, '--out', 'again.safetensors');
        expect(prepared.data.stages).toEqual(own.data.stages);
        expect(again.data.parts).toEqual(own.data.parts);
      },
    );

    it.each([
      [['--engine', 'duck'], 2, 'expected memory | duckdb, received "duck"'],
      [['--engine-memory', '128'], 2, '--engine-memory: expected --engine duckdb beside it'],
      [['--spill', '.', '--engine', 'memory'], 2, '--spill: expected --engine duckdb beside it'],
      [['--engine', 'duckdb', '--spill', 'nowhere'], 1, 'expected a folder that can be written'],
    ])('refuses %s', (flags, exitCode, message) => {
      const { code, stderr } = cli.run('check', 'part1.csv', ...flags);
      expect(stderr).toContain(message);
      expect(code).toBe(exitCode);
    });
  });
});
