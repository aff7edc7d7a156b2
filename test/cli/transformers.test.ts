import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/index.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { interactions, items } = smallShop();
const embedder = ['--embedder', 'transformers', '--model-folder', 'models', '--encoder', 'tiny'];
let cli: Cli;

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
  cli.install(join(root, 'node_modules'));
  execFileSync(process.execPath, [
    join(root, 'scripts/make-tiny-model.mjs'),
    join(cli.folder, 'models', 'tiny'),
  ]);
});
afterAll(() => cli.remove());

describe('--embedder transformers', () => {
  it('trains from the vectors of a real encoder that lies in a folder', () => {
    const inputs = ['--interactions', 'ratings.csv', '--items', 'products.csv', ...embedder];
    const options = [
      '--init',
      'variance',
      '--dim',
      '8',
      '--batch',
      '32',
      '--epochs',
      '2',
      '--out',
      'm.safetensors',
    ];
    const { code, stderr } = cli.run('train', ...inputs, ...options);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { config } = decodeModel(cli.read('m.safetensors'), 'm');
    expect(config.embeddings).toMatchObject({
      source: expect.stringMatching(/^transformers: tiny, float32, mean/),
    });
  });

  it('says what is missing when the folder has no such model', () => {
    const { code, stderr } = cli.run(
      ...['embed', '--items', 'products.csv', '--embedder', 'transformers', '--model-folder', 'nowhere'],
      ...['--encoder', 'tiny', '--out', 'v.safetensors'],
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/expected to load the model tiny/);
    expect(cli.has('v.safetensors')).toBe(false);
  });

  it('embeds a catalogue once: the second run finds every vector in the cache', () => {
    const args = ['embed', '--items', 'products.csv', ...embedder, '--cache', 'cache'];
    expect(cli.run(...args, '--out', 'a.safetensors').code).toBe(0);
    const again = cli.run(...args, '--model-folder', 'gone', '--out', 'b.safetensors');
    expect({ code: again.code, stderr: again.stderr }).toMatchObject({ code: 0 });
    expect(cli.read('b.safetensors')).toEqual(cli.read('a.safetensors'));
  });
});
