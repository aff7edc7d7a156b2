import type { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

/** Writes a good shop, a model trained on it, and files that are wrong in one way each. */
export function writeBadFiles(cli: Cli): void {
  const { interactions, items } = smallShop();
  const header = ['user_id', 'item_id', 'rating', 'timestamp'];
  const ids = items.map(([id]) => id);
  cli.write('ratings.csv', csv(header, interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
  cli.write('empty.csv', '');
  cli.write('headless.csv', csv(['who', 'item_id'], [['u1', 'i1']]));
  cli.write(
    'badRating.csv',
    csv(header, [...interactions.slice(0, 5), ['u1', 'i9', 'good', '3'], ...interactions.slice(5)]),
  );
  cli.write(
    'noText.csv',
    csv(
      ['item_id', 'title', 'description'],
      items.map((row, n) => (n === 7 ? [row[0], ' ', ''] : row)),
    ),
  );
  cli.write('ids.txt', `${ids.join('\n')}\n`);
  cli.write('fewIds.txt', `${ids.slice(1).join('\n')}\n`);
  cli.write(
    'v.npy',
    npy(24, 6, (n) => Math.sin(n + 1)),
  );
  cli.write(
    'nan.npy',
    npy(24, 6, (n) => (n === 8 ? Number.NaN : n)),
  );
  cli.write(
    'inf.npy',
    npy(24, 6, (n) => (n === 20 ? Number.POSITIVE_INFINITY : n)),
  );
  const shop = ['--interactions', 'ratings.csv', '--items', 'products.csv'];
  cli.run('train', ...shop, '--dim', '4', '--epochs', '1', '--quiet', '--out', 'model.safetensors');
  const model = cli.read('model.safetensors');
  cli.write('truncated.safetensors', model.slice(0, model.length - 10));
  cli.write(
    'edited.safetensors',
    model.map((byte, at) => (at === model.length - 10 ? byte ^ 1 : byte)),
  );
}

/** A little-endian float32 matrix. */
function npy(rows: number, cols: number, value: (n: number) => number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${cols}), }`;
  const head = text.padEnd(117, ' ').concat('\n');
  const bytes = new Uint8Array(10 + head.length + rows * cols * 4);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, head.length & 255, head.length >> 8]);
  bytes.set(new TextEncoder().encode(head), 10);
  const view = new DataView(bytes.buffer, 10 + head.length);
  for (let n = 0; n < rows * cols; n++) view.setFloat32(4 * n, value(n), true);
  return bytes;
}
