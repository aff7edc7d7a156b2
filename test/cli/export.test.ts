import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { factorModel } from '../serve/sampleModels.ts';
import { Cli } from './runCli.ts';

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  writeFileSync(join(cli.folder, 'model.safetensors'), encodeModel(factorModel()));
});
afterAll(() => cli.remove());

describe('export --to f16 and int8', () => {
  it('write smaller models that commands read, and say how much of the lists they keep', () => {
    const { code, stdout, stderr } = cli.shell(
      'llminit export model.safetensors --to int8 --out small --json',
    );
    expect([code, stderr]).toEqual([0, '']);
    const said = JSON.parse(stdout);
    expect(said).toMatchObject({ to: 'int8', rescore: null, out: 'small.safetensors', users: 9 });
    expect(said.bytes).toBeLessThan(said.from);
    expect(said['overlap@10']).toBeGreaterThan(0.9);
    const { stdout: listed } = cli.shell('llminit recommend small.safetensors --user "user 3" --json');
    expect(JSON.parse(listed).items.length).toBe(10);
  });

  it('leave users out, and keep rows for exact lists, where asked to', () => {
    const { stdout } = cli.shell(
      'llminit export model.safetensors --to int8 --rescore f32 --no-users --out strangers.safetensors',
    );
    expect(stdout).toMatch(/0 users\noverlap@10 .*: 1\.0000/);
    const model = decodeModel(new Uint8Array(readFileSync(join(cli.folder, 'strangers.safetensors'))), 'x');
    expect([model.userIds, model.userFactors, model.precision]).toEqual([[], null, undefined]);
    expect(model.itemFactors).toEqual(factorModel().itemFactors);
  });

  it('refuse options that nothing reads', () => {
    for (const [flags, message] of [
      ['--to npy --no-users', /--no-users: expected --to f16 or int8/],
      ['--to f16 --rescore f32', /rescore/],
      ['--to int4', /--to/],
    ] as const) {
      const { code, stderr } = cli.shell(`llminit export model.safetensors ${flags}`);
      expect([code === 0, message.test(stderr)], stderr).toEqual([false, true]);
    }
  });
});

describe('recommend --where', () => {
  it('filters by columns that the model keeps, and says which there are', () => {
    const command = 'llminit recommend model.safetensors --user "user 3" -k 40 --json';
    const { stdout } = cli.shell(`${command} --where "category = Books and price < 30"`);
    const ids = JSON.parse(stdout).items.map(({ id }: { id: string }) => Number(id.slice(5)));
    expect(ids.length).toBeGreaterThan(2);
    for (const item of ids) expect([item % 4, item < 30]).toEqual([1, true]);
    const { code, stderr } = cli.shell(`${command} --where "colour = red"`);
    expect([code === 0, /category, price, stock/.test(stderr)]).toEqual([false, true]);
  });
});
