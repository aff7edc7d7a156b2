import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { addEvaluate } from '../../src/cli/commands/evaluate.ts';
import { graphPrincipalCoordinates } from '../../src/init/graphPca.ts';
import { csv, smallShop } from './smallShop.ts';

vi.mock('../../src/init/graphPca.ts', { spy: true });

const folder = mkdtempSync(join(tmpdir(), 'llminit-shared-'));
const [ratings, products] = [join(folder, 'r.csv'), join(folder, 'p.csv')];

beforeAll(() => {
  const { interactions, items } = smallShop();
  writeFileSync(ratings, csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  writeFileSync(products, csv(['item_id', 'title', 'description'], items));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => vi.clearAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

async function evaluate(...more: string[]): Promise<void> {
  const program = new Command();
  addEvaluate(program);
  const files = ['--interactions', ratings, '--items', products, '--quiet'];
  const small = ['--dim', '6', '--batch', '32', '--epochs', '2', '--threads', '1'];
  await program.parseAsync(['evaluate', ...files, ...small, ...more], { from: 'user' });
}

it('evaluate computes one graph PCA a seed, over trials, protocols and baselines', async () => {
  const compared = ['--init', 'xavier,auto,graph-pca', '--baselines', 'text-only'];
  await evaluate('--seeds', '0,1,2', '--protocol', 'standard,paper', ...compared);
  expect(graphPrincipalCoordinates).toHaveBeenCalledTimes(3);
});
