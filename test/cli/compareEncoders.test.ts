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

interface Score {
  ndcg: number;
  interval: [number, number];
}

interface Report {
  encoders: {
    embedder: string;
    width: number;
    effectiveRank: number;
    twinShare: number;
    textOnly: Score | null;
    l3ae: Score;
    graph: Score | null;
    secondsPer10000: number;
    tokensPer10000: number | null;
  }[];
  data: { items: number; stages: { after: string }[] };
}

describe('llminit compare-encoders', () => {
  const args = [
    'compare-encoders',
    ...inputs,
    ...['--embedder', 'noise.npy', '--embedder', 'lexical'],
    '--embedding-ids',
    'ids.txt',
  ];

  it('tells vectors of texts from noise and from none, with intervals, the better first', () => {
    const { encoders } = cli.json<Report>(...args);
    const [text, noise, none] = ['lexical', 'noise.npy', 'none'].map(
      (name) => encoders.find(({ embedder }) => embedder === name)!,
    );
    expect(text.textOnly!.ndcg).toBeGreaterThan(noise.textOnly!.ndcg);
    expect(encoders[0].l3ae.ndcg).toBeGreaterThanOrEqual(encoders[1].l3ae.ndcg);
    expect(encoders[2]).toBe(none);
    expect(none).toMatchObject({ textOnly: null, width: null, secondsPer10000: null });
    for (const { textOnly, l3ae, graph } of encoders)
      for (const score of [textOnly, l3ae, graph]) {
        if (score === null) continue;
        expect(score.interval[0]).toBeLessThanOrEqual(score.ndcg);
        expect(score.interval[1]).toBeGreaterThanOrEqual(score.ndcg);
      }
    for (const { effectiveRank, width, secondsPer10000, graph } of [text, noise]) {
      expect(graph).not.toBeNull();
      expect(effectiveRank).toBeGreaterThan(1);
      expect(effectiveRank).toBeLessThanOrEqual(width);
      expect(secondsPer10000).toBeGreaterThan(0);
    }
    const letters = items.reduce((sum, [, title, description]) => sum + `${title} ${description}`.length, 0);
    expect(text.tokensPer10000).toBeGreaterThan((10_000 * letters) / 4 / items.length);
    expect(text.tokensPer10000).toBeLessThan((10_000 * letters) / 2 / items.length);
    expect(noise.tokensPer10000).toBeNull();
  });

  it('takes a sample of users, and no graph model where none is asked for', () => {
    const small = ['--sample', '12', '--graph-epochs', '0'];
    const { encoders, data } = cli.json<Report>(...args, ...small);
    expect(data.items).toBeLessThan(items.length);
    expect(data.items).toBeGreaterThanOrEqual(12);
    expect(data.stages.map(({ after }) => after)).toContain('sample of users');
    expect(encoders.map(({ graph }) => graph)).toEqual([null, null, null]);
    expect(cli.json<Report>(...args, ...small).encoders.map(({ l3ae }) => l3ae)).toEqual(
      encoders.map(({ l3ae }) => l3ae),
    );
  });

  it('prints a table, and refuses weights', () => {
    expect(cli.run(...args).stdout).toMatch(/embedder.*width.*text-only NDCG@10.*L3AE.*LightGCN.*tokens/);
    expect(cli.run(...args, '--graph-epochs', '0').stderr).toMatch(
      /the same again.+--embedder noise\.npy,lexical --embedding-ids/,
    );
    const weights = cli.run(...args, '--embedder-weights', '1,2');
    expect([weights.code, weights.stderr]).toEqual([2, expect.stringMatching(/each stands alone/)]);
  });
});
