import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/index.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], smallShop().interactions));
});
afterAll(() => cli.remove());

const small = ['--interactions', 'ratings.csv', '--init', 'xavier', '--dim', '8', '--epochs', '2'];

describe('train with a contrastive model', () => {
  it('records every option that SGL reads', () => {
    const options = [
      '--temperature',
      '0.3',
      '--ssl-weight',
      '0.2',
      '--augmentation',
      'RW',
      '--dropout',
      '0.25',
    ];
    const { code, stdout } = cli.run(
      'train',
      ...small,
      '--model',
      'sgl',
      ...options,
      '--out',
      'sgl.safetensors',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sgl, 2 layers, dim 8/);
    expect(decodeModel(cli.read('sgl.safetensors'), 'sgl').config).toMatchObject({
      ...{ model: 'sgl', temperature: 0.3, sslWeight: 0.2, augmentation: 'RW', dropout: 0.25 },
    });
  });

  it('has the default temperature for SGCL and MixSGCL, and no views', () => {
    for (const model of ['sgcl', 'mixsgcl']) {
      const { code } = cli.run('train', ...small, '--model', model, '--out', `${model}.safetensors`);
      expect(code).toBe(0);
      const { config } = decodeModel(cli.read(`${model}.safetensors`), model);
      expect(config).toMatchObject({ model, temperature: 0.2 });
      expect(config).not.toHaveProperty('augmentation');
    }
  });

  const refused: [string, string[], RegExp][] = [
    [
      'views for SGCL',
      ['--model', 'sgcl', '--dropout', '0.2'],
      /expected model sgl beside dropout, received sgcl\..* \(--dropout\)/,
    ],
    [
      'a temperature for LightGCN',
      ['--temperature', '0.2'],
      /beside temperature, received lightgcn\..* \(--temperature\)/,
    ],
    ['a temperature of 0', ['--model', 'sgl', '--temperature', '0'], /--temperature.*a number ≥ 0.01/],
    [
      'an unknown view',
      ['--model', 'sgl', '--augmentation', 'XX'],
      /--augmentation: expected ED \| ND \| RW, received "XX"/,
    ],
    ['SGL without layers', ['--model', 'sgl', '--layers', '0'], /layers/],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what} with exit code 2`, () => {
      const { code, stderr } = cli.run('train', ...small, ...args, '--out', 'never.safetensors');
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
    });
  }
});
