import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../sharedData.ts';
import { Cli } from './runCli.ts';

describe.skipIf(!sharedData)('the command line on real data', () => {
  const data = join(sharedData ?? '', 'data');
  let cli: Cli;
  beforeAll(async () => {
    cli = await Cli.create();
  });
  afterAll(() => cli.remove());

  it('counts the 3,260 users, 1,583 items and 36,544 interactions of the paper in amazon-office', () => {
    const office = join(data, 'amazon-office/amazon-office');
    const filters = [
      '--min-rating',
      '4',
      '--k-core',
      '5',
      '--init',
      'xavier',
      '--epochs',
      '1',
      '--dim',
      '16',
    ];
    const args = [
      '--interactions',
      `${office}.inter`,
      '--items',
      `${office}.item`,
      '--title-column',
      'description',
    ];
    const { code, stdout, stderr } = cli.run('train', ...args, ...filters, '--json', '--out', 'office');
    expect(code).toBe(0);
    expect(stderr).toContain('after 5-core: 3260 users, 1583 items, 36544 interactions');
    expect(JSON.parse(stdout).data).toMatchObject({ users: 3260, items: 1583, interactions: 36544 });
  });

  it('says how many of the shipped vectors are imputed', () => {
    const office = join(data, 'amazon-office/amazon-office');
    const split = join(sharedData ?? '', 'golden/office-splits/s0');
    const parts = ['train', 'valid', 'test'].flatMap((part) => [`--${part}`, `${split}.${part}.inter`]);
    const vectors = ['--items', `${office}.item`, '--embedder', `${office}.bert-cls.f16.npy`];
    const rest = [
      '--origin-column',
      'embedding_source',
      '--embedding-ids',
      `${office}.bert-cls.ids.txt`,
      '--init',
      'pca',
      '--epochs',
      '1',
      '--seeds',
      '0',
    ];
    const { stdout } = cli.run('evaluate', ...parts, ...vectors, ...rest, '--dim', '16', '--quiet');
    expect(stdout).toMatch(/imputed 644/);
    expect(stdout).toMatch(/data: 3260 users, 1583 items, 36544 interactions; split ready-made/);
  });

  it('trains on ml-100k, whose ids are numbers, and recommends by them', () => {
    const args = [
      '--interactions',
      join(data, 'ml-100k/ml-100k.inter'),
      '--items',
      join(data, 'ml-100k/ml-100k.item'),
    ];
    const options = [
      '--min-rating',
      '4',
      '--init',
      'variance',
      '--dim',
      '16',
      '--epochs',
      '1',
      '--batch',
      '1024',
    ];
    expect(cli.run('train', ...args, ...options, '--quiet', '--out', 'movies').code).toBe(0);
    const { stdout } = cli.run('recommend', 'movies', '--user', '196', '-k', '3');
    expect(stdout).toMatch(/│ 1 +│ \d+ +│ \S.*│ +-?\d+\.\d{4} │/);
  });
});
