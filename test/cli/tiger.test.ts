import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { interactions, items } = smallShop();
const DATA = ['--interactions', 'ratings.csv', '--items', 'products.csv'];
const SMALL = ['--model', 'tiger', '--dim', '8', '--epochs', '2', '--code-levels', '2', '--code-size', '4'];
let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
});
afterAll(() => cli.remove());

describe('--model tiger', () => {
  it('is trained, saved and answers users and sessions in their order', () => {
    const training = [...DATA, ...SMALL, '--order', 'time', '--beams', '3', '--out', 'm.safetensors'];
    const { code, stderr } = cli.run('train', ...training);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('ill-posed')]);
    const { sequence, config } = decodeModel(cli.read('m.safetensors'), 'm');
    expect(config).toMatchObject({
      model: 'tiger',
      codeLevels: 2,
      codeSize: 4,
      beams: 3,
      hiddenDropout: 0.1,
    });
    expect(sequence!.codes).toMatchObject({ columns: 3, beams: 3 });
    const ask = (...args: string[]) =>
      cli.json<{ items: { id: string; score: number }[] }>('recommend', 'm.safetensors', '-k', '4', ...args)
        .items;
    expect(ask('--user', 'u3')).toHaveLength(4);
    const [there, back] = [ask('--history', 'i1,i5,i9'), ask('--history', 'i9,i5,i1')];
    expect(there.map(({ score }) => score)).not.toEqual(back.map(({ score }) => score));
  });

  it('is evaluated from any initialisation, with vectors for its codes', () => {
    const { runs } = cli.json<{ runs: { metrics: Record<string, number> }[] }>(
      ...['evaluate', ...DATA, ...SMALL, '--order', 'time', '--init', 'xavier,pca', '--seeds', '1'],
    );
    expect(runs).toHaveLength(2);
  });

  it('is said to be ill-posed where it is evaluated in a random order', () => {
    const args = ['evaluate', ...DATA, ...SMALL, '--epochs', '1', '--init', 'xavier', '--seeds', '1'];
    expect(cli.run(...args, '--order', 'random').stderr).toMatch(/ill-posed.*--order time/);
    expect(cli.run(...args, '--order', 'time').stderr).not.toMatch(/ill-posed/);
  });

  it('says that a random order is ill-posed, and what it needs and does not read', () => {
    const random = cli.run('train', ...DATA, ...SMALL, '--out', 'r.safetensors');
    expect([random.code, random.stdout]).toEqual([0, expect.stringMatching(/ill-posed.*--order time/)]);
    const refused: [string[], RegExp][] = [
      [['--interactions', 'ratings.csv', ...SMALL, '--out', 'x'], /--items/],
      [[...DATA, ...SMALL, '--sequence-loss', 'bce', '--out', 'x'], /--sequence-loss/],
      [[...DATA, ...SMALL, '--beams', '0', '--out', 'x'], /--beams/],
      [[...DATA, '--model', 'sasrec', '--code-size', '4', '--out', 'x'], /--code-size/],
      [[...DATA, ...SMALL, '--init', 'adapter', '--dim', '4', '--out', 'x'], /no adapter beside model tiger/],
    ];
    for (const [args, message] of refused) {
      const { code, stderr } = cli.run('train', ...args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    }
  });
});
