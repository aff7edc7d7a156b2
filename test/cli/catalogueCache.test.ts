import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { interactions, items } = smallShop();
const KEPT = /24 vectors \(lexical\) from the cache kept/;
let cli: Cli;

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
});
afterAll(() => cli.remove());

function train(out: string, ...more: string[]) {
  const inputs = ['--interactions', 'ratings.csv', '--items', 'products.csv', '--model', 'text-only'];
  const done = cli.run('train', ...inputs, '--out', out, '--cache', 'kept', ...more);
  expect(done.code, done.stderr).toBe(0);
  return { stderr: done.stderr, bytes: cli.read(out) };
}

const files = () => readdirSync(join(cli.folder, 'kept', 'catalogues'));

describe('--cache with lexical vectors', () => {
  it('spares a second run of the same command its vectors, says so, and writes the same bytes', () => {
    const first = train('first.safetensors');
    expect(first.stderr).not.toMatch(KEPT);
    expect(files()).toHaveLength(1);
    const second = train('second.safetensors');
    expect(second.stderr).toMatch(KEPT);
    expect(second.bytes).toEqual(first.bytes);
    expect(files()).toHaveLength(1);
  });

  it('computes anew with other settings, and where the file is damaged, which is set aside', () => {
    train('first.safetensors');
    const [whole] = files();
    expect(train('narrow.safetensors', '--lexical-dim', '4').stderr).not.toMatch(KEPT);
    const damaged = join(cli.folder, 'kept', 'catalogues', whole);
    writeFileSync(damaged, 'no vectors');
    const again = train('again.safetensors');
    expect(again.stderr).toMatch(/Set aside as .*\.damaged; its vectors are computed again/);
    expect(again.stderr).not.toMatch(KEPT);
    expect(files()).toContain(`${whole}.damaged`);
    expect(train('once more.safetensors').stderr).toMatch(KEPT);
  });
});
