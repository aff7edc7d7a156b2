import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddingServer } from '../embed/http/embeddingServer.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

let cli: Cli;
const { interactions, items } = smallShop();
const json = (file: string) => JSON.parse(new TextDecoder().decode(cli.read(file)));
const DATA = ['--interactions', 'shop/ratings.csv', '--items', 'shop/products.csv', '--min-rating', '4'];
const SHORT = ['--epochs', '1', '--dim', '4', '--no-normalize'];

beforeAll(async () => {
  cli = await Cli.create();
  for (const folder of ['shop', 'settings']) mkdirSync(join(cli.folder, folder));
  cli.write('shop/ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('shop/products.csv', csv(['id', 'title', 'description'], items));
});
afterAll(() => cli.remove());

describe('--save-config', () => {
  it('writes what was typed, with paths from its folder, which --config takes to the same bytes', () => {
    const given = [...DATA, ...SHORT, '--init', 'variance', '--text-columns', 'title,description'];
    const saved = cli.run(
      'train',
      ...given,
      '--out',
      'a.safetensors',
      '--save-config',
      'settings/a.json',
      '--quiet',
    );
    expect(saved.stderr).toBe('');
    expect(json('settings/a.json')).toEqual({
      command: 'train',
      interactions: '../shop/ratings.csv',
      items: '../shop/products.csv',
      minRating: 4,
      epochs: 1,
      dim: 4,
      normalize: false,
      init: 'variance',
      textColumns: 'title,description',
      out: '../a.safetensors',
    });
    const again = cli.run('train', '--config', 'settings/a.json', '--out', 'b.safetensors', '--quiet');
    expect(again.stderr).toBe('');
    expect(cli.read('b.safetensors')).toEqual(cli.read('a.safetensors'));
  });

  it('keeps the words and files of reproduce and evaluate, lists and shared options included', () => {
    const more = ['--seeds', '0,1', '--init', 'xavier,variance', '--results', 'r.json'];
    cli.run('evaluate', ...DATA, '--epochs', '1', '--dim', '4', ...more, '--save-config', 'e.json');
    expect(json('e.json')).toMatchObject({ command: 'evaluate', seeds: '0,1', results: 'r.json' });
    const again = cli.run('evaluate', '--config=e.json', '--seeds', '1', '--json');
    expect(again.stderr).toMatch(/2 runs, 2 of them found in r\.json/);
    expect(JSON.parse(again.stdout).settings).toMatchObject({ seeds: [1], inits: ['xavier', 'variance'] });
    cli.write('r.conf', '{"arguments": ["inits"], "dataset": "amazon-ofice"}');
    expect(cli.run('reproduce', '--config', 'r.conf').stderr).toMatch(/Did you mean amazon-office\?/);
  });

  it('replaces no file that the command reads or writes, and is checked before the work', () => {
    const { code, stderr } = cli.run('train', ...DATA, '--out', 'm', '--save-config', 'shop/ratings.csv');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^llminit: --save-config: .* is --interactions too/),
    });
    expect(cli.has('m')).toBe(false);
  });
});

describe('--config', () => {
  const from = (config: unknown, ...args: string[]) => {
    cli.write('c.json', typeof config === 'string' ? config : JSON.stringify(config));
    return cli.run('train', '--config', 'c.json', ...args, '--quiet');
  };
  const base = {
    interactions: ['shop/ratings.csv'],
    items: 'shop/products.csv',
    epochs: 1,
    dim: 4,
    init: 'variance',
  };

  it('gives way to the command line, lists of files included', () => {
    cli.write('few.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions.slice(0, 120)));
    const { out } = cli.json<{ out: string }>('train', '--config', 'c0.json', ...given('few.csv'));
    expect(out).toBe('few.safetensors');
    const { config } = cli.json<{ config: { data: { files: string[] } } }>('inspect', 'few.safetensors');
    expect(config.data.files).toEqual(['few.csv']);
  });
  const given = (file: string) => {
    cli.write('c0.json', JSON.stringify({ ...base, out: 'other.safetensors' }));
    return ['--interactions', file, '--out', 'few.safetensors', '--quiet'];
  };

  const refused: [what: string, config: unknown, says: RegExp][] = [
    [
      'an unknown key',
      { ...base, minRatin: 4 },
      /c\.json: expected options of the command, received "minRatin"\. Did you mean minRating\?/,
    ],
    [
      'a key spelled as a flag',
      { ...base, 'min-rating': 4 },
      /received "min-rating"\. Did you mean minRating\?/,
    ],
    ['a configuration in a configuration', { config: 'd.json' }, /received "config"/],
    [
      'a switch that is no boolean',
      { ...base, header: 'yes' },
      /expected header to be true or false, received "yes"/,
    ],
    [
      'a value of another type',
      { ...base, epochs: { most: 3 } },
      /expected epochs to be a text, a number or a list/,
    ],
    ['a value out of range', { ...base, epochs: 0 }, /--epochs: expected an integer ≥ 1, received "0"/],
    [
      'a configuration of another command',
      { ...base, command: 'evaluate' },
      /expected a configuration of train, received one of "evaluate"/,
    ],
    [
      'words that are no list',
      { ...base, arguments: 3 },
      /expected arguments to be a list of texts, received 3/,
    ],
    ['what is no object', '[1]', /c\.json: expected a JSON object of options, received/],
    ['what is no JSON', '{"epochs": 3', /c\.json: expected a JSON object of options, received/],
  ];
  it.each(refused)('with %s is refused, and nothing is written', (_, config, says) => {
    const { code, stderr } = from(config, '--out', 'n.safetensors');
    expect(stderr).toMatch(says);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([1, 2]).toContain(code);
    expect(cli.has('n.safetensors')).toBe(false);
  });

  it('that is not there is named', () => {
    const { code, stderr } = cli.run('train', '--config', 'nowhere.json');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^llminit: nowhere\.json: .*ENOENT/),
    });
  });
});

describe('the line that gives a result again', () => {
  it('stands behind the result, on stderr, as a shell takes it', () => {
    const args = ['train', ...DATA, ...SHORT, '--init', 'variance', '--out', 'my model.safetensors'];
    const { code, stderr, stdout } = cli.run(...args);
    expect(code, stderr).toBe(0);
    const [, line] = /the same again, with llminit \d+\.\d+\.\d+: (llminit train .*)\n$/.exec(stderr)!;
    expect(line).toContain("--out 'my model.safetensors'");
    const first = cli.read('my model.safetensors');
    expect(cli.shell(line)).toMatchObject({ code: 0, stdout });
    expect(cli.read('my model.safetensors')).toEqual(first);
  });

  it('shows no password, and a configuration keeps none', async () => {
    const server = await embeddingServer();
    try {
      const address = server.url.replace('://', '://ada:secret@');
      const args = ['--items', 'shop/products.csv', '--embedder', address, '--encoder', 'm'];
      const { code, stderr } = await cli.answered([
        ...['embed', ...args, '--out', 'v.safetensors', '--save-config', 'secret.json'],
      ]);
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/secret\.json leaves out --embedder, which holds a secret/);
      expect(stderr).toMatch(/--embedder http:\/\/\[hidden\]@/);
      expect(stderr).not.toContain('ada:secret');
      expect(json('secret.json')).not.toHaveProperty('embedder');
      expect(json('secret.json')).toMatchObject({ encoder: 'm', out: 'v.safetensors' });
    } finally {
      await server.close();
    }
  });
});
