import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/index.ts';
import { png } from '../embed/images/pictures.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { interactions, items } = smallShop();
const vision = ['--image-encoder', 'tiny', '--model-folder', 'models'];
let cli: Cli;

beforeAll(async () => {
  cli = await Cli.create();
  cli.install(join(root, 'node_modules'));
  mkdirSync(join(cli.folder, 'shop/pictures'), { recursive: true });
  for (const [n, [id]] of items.entries())
    writeFileSync(picture(id), png(24 + n, 24, [10 * n, 255 - 9 * n, 5 * n]));
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  const rows = items.map(([id, title]) => [id, title, `pictures/${id}.png`]);
  cli.write('shop/products.csv', csv(['item_id', 'title', 'image'], rows));
  const script = join(root, 'scripts/make-tiny-model.mjs');
  execFileSync(process.execPath, [script, join(cli.folder, 'models', 'tiny'), 'clip-vision']);
});
afterAll(() => cli.remove());

const picture = (id: string) => join(cli.folder, 'shop/pictures', `${id}.png`);
const embed = (...args: string[]) =>
  cli.run('embed', '--items', 'shop/products.csv', '--embedder', 'images', ...vision, ...args);

describe('--embedder images', () => {
  it('embeds the pictures beside the catalogue once, and one that changed anew', () => {
    const args = ['--cache', 'cache', '--json'];
    const first = embed(...args, '--out', 'a.safetensors');
    expect({ code: first.code, stderr: first.stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(first.stdout)).toMatchObject({
      width: 24,
      withVector: 24,
      source: 'images: tiny, float32, normalized',
    });
    const again = embed(...args, '--model-folder', 'gone', '--out', 'b.safetensors');
    expect({ code: again.code, stderr: again.stderr }).toMatchObject({ code: 0 });
    expect(cli.read('b.safetensors')).toEqual(cli.read('a.safetensors'));
    writeFileSync(picture('i3'), png(30, 30, [255, 0, 128]));
    expect(embed(...args, '--model-folder', 'gone', '--out', 'c.safetensors').code).toBe(1);
    expect(embed(...args, '--out', 'c.safetensors').code).toBe(0);
    expect(cli.read('c.safetensors')).not.toEqual(cli.read('a.safetensors'));
  });

  it('gives shards that join to the whole', () => {
    const shards = ['1/2', '2/2'].map((shard, n) => {
      expect(embed('--shard', shard, '--out', `s${n}.safetensors`)).toMatchObject({ code: 0 });
      return `s${n}.safetensors`;
    });
    expect(cli.run('embed', '--merge', ...shards, '--out', 'joined.safetensors').code).toBe(0);
    expect(embed('--out', 'whole.safetensors').code).toBe(0);
    expect(cli.read('joined.safetensors')).toEqual(cli.read('whole.safetensors'));
  });

  it('stands beside the text in a training', () => {
    const inputs = ['--interactions', 'ratings.csv', '--items', 'shop/products.csv'];
    const small = ['--init', 'variance', '--dim', '8', '--batch', '32', '--epochs', '2'];
    const options = ['--embedder', 'lexical,images', ...vision, ...small, '--out', 'm.safetensors'];
    const { code, stderr } = cli.run('train', ...inputs, ...options);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { config } = decodeModel(cli.read('m.safetensors'), 'm');
    expect(config.embeddings).toMatchObject({ source: 'lexical + images: tiny, float32, normalized' });
  });

  it('names the item of an image that cannot be used, or leaves it out where it is told to', () => {
    rmSync(picture('i5'));
    const { code, stderr } = embed('--out', 'v.safetensors');
    expect(code).toBe(1);
    expect(stderr).toMatch(/image of i5: .+does not exist/);
    expect(cli.has('v.safetensors')).toBe(false);
    const skipped = embed('--on-bad-image', 'skip', '--out', 'v.safetensors', '--json');
    expect(JSON.parse(skipped.stdout)).toMatchObject({ withVector: 23, withoutVector: 1 });
    expect(skipped.stderr).toMatch(/1 skipped/);
  });

  it('says that a catalogue has no images, and which item has none', () => {
    cli.write(
      'texts.csv',
      csv(
        ['item_id', 'title'],
        items.map(([id, title]) => [id, title]),
      ),
    );
    const none = cli.run('embed', '--items', 'texts.csv', '--embedder', 'images', '--out', 'v2.safetensors');
    expect(none.stderr).toMatch(/expected a column with images.+--image-column/);
    const wrong = embed('--image-column', 'photo', '--out', 'v2.safetensors');
    expect(wrong.stderr).toMatch(/expected a column "photo", found the columns "item_id", "title", "image"/);
    cli.write(
      'gaps.csv',
      csv(
        ['item_id', 'title', 'image'],
        [
          ['i1', 'Pen', ''],
          ['i2', 'Desk', 'x.png'],
        ],
      ),
    );
    const gaps = cli.run('embed', '--items', 'gaps.csv', '--embedder', 'images', '--out', 'v2.safetensors');
    expect(gaps.stderr).toMatch(/expected an image for each of 2 items, received none for 1 of them \(i1\)/);
    const unread = cli.run(
      'embed',
      '--items',
      'texts.csv',
      '--image-encoder',
      'x',
      '--out',
      'v2.safetensors',
    );
    expect(unread.stderr).toMatch(/--image-encoder: expected --embedder images beside it/);
  });
});
