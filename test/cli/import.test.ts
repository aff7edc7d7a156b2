import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel, type ModelData } from '../../src/serve.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

describe('llminit import', () => {
  let cli: Cli;
  let trained: ModelData;
  const model = (name: string) => decodeModel(readFileSync(join(cli.folder, name)), name);
  const shop = ['--interactions', 'clicks.csv', '--items', 'items.csv', '--keep', 'brand'];

  beforeAll(async () => {
    cli = await Cli.create();
    const { interactions, items } = smallShop();
    const branded = items.map((row, n) => [...row, n % 2 === 0 ? 'A' : 'B']);
    writeFileSync(join(cli.folder, 'clicks.csv'), csv(['user', 'item', 'rating', 'time'], interactions));
    writeFileSync(join(cli.folder, 'items.csv'), csv(['id', 'title', 'text', 'brand'], branded));
    const options = [
      '--model',
      'lightgcn',
      '--init',
      'xavier',
      '--dim',
      '8',
      '--epochs',
      '2',
      '--min-rating',
      '4',
    ];
    cli.json('train', ...shop, ...options, '--out', 'trained.safetensors');
    trained = model('trained.safetensors');
    for (const form of ['npy', 'csv', 'parquet'])
      cli.run('export', 'trained.safetensors', '--to', form, '--out', 'f');
  });
  afterAll(() => rmSync(cli.folder, { recursive: true, force: true }));

  it.each<[string, string[]]>([
    ['npy, with the lists of ids beside', ['--item-factors', 'f.items.npy', '--user-factors', 'f.users.npy']],
    ['CSV', ['--item-factors', 'f.items.csv', '--user-factors', 'f.users.csv']],
    ['Parquet', ['--item-factors', 'f.items.parquet', '--user-factors', 'f.users.parquet']],
    ['a model file', ['trained.safetensors']],
  ])('brings back what export wrote as %s, with titles, columns and what users have', (_, from) => {
    const report = cli.json<object>(
      'import',
      ...from,
      ...shop,
      '--min-rating',
      '4',
      '--out',
      'back.safetensors',
    );
    expect(report).toMatchObject({ items: 24, users: 40, dim: 8, without: { users: 0, items: 0, pairs: 0 } });
    const back = model('back.safetensors');
    for (const part of [
      'userIds',
      'itemIds',
      'itemTitles',
      'itemFactors',
      'userFactors',
      'seen',
      'liked',
      'attributes',
    ] as const)
      expect(back[part]).toEqual(trained[part]);
    const lists = (name: string) => cli.run('recommend', name, '--user', 'u7').stdout;
    expect(lists('back.safetensors')).toBe(lists('trained.safetensors'));
  });

  it('serves strangers by rows of items alone', () => {
    const { code, stdout } = cli.run('import', '--item-factors', 'f.items.csv', '--out', 'items.safetensors');
    expect([code, stdout]).toEqual([0, expect.stringContaining('nothing is known of what users have')]);
    expect(model('items.safetensors')).toMatchObject({ userIds: [], userFactors: null, seen: null });
    expect(cli.run('recommend', 'items.safetensors', '--history', 'i1,i4').code).toBe(0);
  });

  it('reads dumps of pgvector, with a header and without', () => {
    const rows = trained.itemIds.map((id, n) => [
      id,
      `[${Array.from(trained.itemFactors.subarray(8 * n, 8 * n + 8)).join(',')}]`,
    ]);
    writeFileSync(join(cli.folder, 'dump.csv'), csv(['id', 'embedding'], rows));
    writeFileSync(join(cli.folder, 'dump.tsv'), rows.map((row) => `${row.join('\t')}\n`).join(''));
    writeFileSync(
      join(cli.folder, 'head.tsv'),
      `id\tfactors\n${rows.map((row) => `${row.join('\t')}\n`).join('')}\\.\n`,
    );
    for (const file of ['dump.csv', 'dump.tsv', 'head.tsv']) {
      cli.json('import', '--item-factors', file, '--out', 'dump.safetensors');
      expect(model('dump.safetensors')).toMatchObject({
        itemIds: trained.itemIds,
        itemFactors: trained.itemFactors,
      });
    }
  });

  it('leaves out, and counts, what has no row', () => {
    const lines = readFileSync(join(cli.folder, 'f.items.csv'), 'utf8').split('\n');
    writeFileSync(join(cli.folder, 'fewer.csv'), lines.filter((line) => !/^i[34],/.test(line)).join('\n'));
    const from = [
      '--item-factors',
      'fewer.csv',
      '--user-factors',
      'f.users.csv',
      '--interactions',
      'clicks.csv',
    ];
    const report = cli.json<{ without: { pairs: number } }>('import', ...from, '--out', 'fewer.safetensors');
    expect(report).toMatchObject({ items: 22, without: { users: 0, items: 2 } });
    expect(report.without.pairs).toBeGreaterThan(0);
  });

  it.each<[string, string[], string]>([
    ['nothing', [], 'expected one file with the rows of both, or --item-factors, received neither'],
    ['two sources', ['trained.safetensors', '--item-factors', 'f.items.csv'], 'received both'],
    [
      'another file',
      ['items.csv'],
      'expected a folder of llminit handover, or a file .safetensors, .npz, .pth or .pt, received items.csv',
    ],
    [
      'ids of others',
      ['--item-factors', 'f.items.npy', '--item-ids', 'f.users.ids.txt'],
      'expected 24 item ids, one for each row of f.items.npy, received 40',
    ],
    [
      'rows without ids',
      ['nameless.safetensors'],
      'expected item ids in the file or beside it, received none',
    ],
    [
      'tables of two widths',
      ['--item-factors', 'f.items.csv', '--user-factors', 'narrow.csv'],
      'expected rows of users as wide as those of items, 8, received 1',
    ],
    [
      'interactions of others',
      ['--item-factors', 'f.items.csv', '--interactions', 'others.csv'],
      'expected interactions of the items that have rows',
    ],
    [
      'a folder that is no job',
      ['.'],
      'expected a file that can be read, received a path that does not exist',
    ],
    [
      'a split',
      ['trained.safetensors', '--split', 'none'],
      'expected none: what users have is taken as it is, received one',
    ],
  ])('refuses %s, and writes nothing', (_, from, message) => {
    writeFileSync(join(cli.folder, 'narrow.csv'), 'id,f0\nu1,1\nu2,2\n');
    writeFileSync(join(cli.folder, 'others.csv'), 'user,item\na,x\nb,y\nb,x\n');
    const { file } = safetensors();
    writeFileSync(join(cli.folder, 'nameless.safetensors'), file);
    const { code, stderr } = cli.run('import', ...from, '--out', 'none.safetensors');
    expect(stderr).toContain(message);
    expect(code).toBeGreaterThan(0);
    expect(() => readFileSync(join(cli.folder, 'none.safetensors'))).toThrow('ENOENT');
  });
});

/** A file as another library writes it: no ids, no checksum. */
function safetensors(): { file: Uint8Array } {
  const header = JSON.stringify({ item_factors: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] } });
  const file = new Uint8Array(8 + header.length + 8);
  new DataView(file.buffer).setUint32(0, header.length, true);
  file.set(new TextEncoder().encode(header), 8);
  return { file };
}
