import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/format/npy.ts';
import { randomValues } from '../kernels/harness.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { interactions, items } = smallShop();
const inputs = ['--interactions', 'ratings.csv', '--items', 'products.csv', '--min-rating', '4'];
let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
  // Vectors that know nothing of the items.
  cli.write('noise.npy', writeNpy(randomValues(items.length * 8, 3), [items.length, 8]));
  cli.write('ids.txt', items.map(([id]) => id).join('\n'));
});
afterAll(() => cli.remove());

interface Report {
  encoders: {
    embedder: string;
    width: number;
    effectiveRank: number;
    twinShare: number;
    textOnly: { ndcg: number; interval: [number, number] };
    l3ae: { ndcg: number; interval: [number, number] };
    secondsPer10000: number;
  }[];
}

describe('llminit compare-encoders', () => {
  const args = [
    'compare-encoders',
    ...inputs,
    '--embedder',
    'noise.npy,lexical',
    '--embedding-ids',
    'ids.txt',
  ];

  it('tells vectors of texts from noise, with intervals, the better first', () => {
    const { encoders } = cli.json<Report>(...args);
    expect(encoders.map(({ embedder }) => embedder)).toContain('noise.npy');
    const [text, noise] = ['lexical', 'noise.npy'].map(
      (name) => encoders.find(({ embedder }) => embedder === name)!,
    );
    expect(text.textOnly.ndcg).toBeGreaterThan(noise.textOnly.ndcg);
    expect(encoders[0].l3ae.ndcg).toBeGreaterThanOrEqual(encoders[1].l3ae.ndcg);
    for (const { textOnly, l3ae, effectiveRank, width, secondsPer10000 } of encoders) {
      for (const { ndcg, interval } of [textOnly, l3ae]) {
        expect(interval[0]).toBeLessThanOrEqual(ndcg);
        expect(interval[1]).toBeGreaterThanOrEqual(ndcg);
      }
      expect(effectiveRank).toBeGreaterThan(1);
      expect(effectiveRank).toBeLessThanOrEqual(width);
      expect(secondsPer10000).toBeGreaterThan(0);
    }
  });

  it('prints a table, and refuses weights', () => {
    expect(cli.run(...args).stdout).toMatch(/embedder.*width.*text-only NDCG@10.*L3AE/);
    const weights = cli.run(...args, '--embedder-weights', '1,2');
    expect([weights.code, weights.stderr]).toEqual([2, expect.stringMatching(/each stands alone/)]);
  });
});
