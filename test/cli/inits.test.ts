import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/index.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { interactions, items } = smallShop();
let cli: Cli;
const shop = ['--interactions', 'ratings.csv', '--items', 'products.csv'];
const small = ['--dim', '6', '--batch', '32', '--epochs', '3'];
const train = (...more: string[]) => [
  'train',
  ...shop,
  ...small,
  '--quiet',
  '--out',
  'm.safetensors',
  ...more,
];

interface Trained {
  config: Record<string, unknown> & { embeddings: { source: string; width: number } };
  diagnostics: {
    initial: { effectiveRank: number; singularValues: number[] };
    trained: { effectiveRank: number };
    varianceKept: number | null;
    untrained: number;
  };
}

interface Contested {
  config: Record<string, unknown>;
  contest: {
    budget: number;
    chosen: string;
    candidates: { name: string; valid: number; skipped?: string }[];
  };
  metrics: { valid: Record<string, number> };
  history: unknown[];
}

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
  cli.run('embed', '--items', 'products.csv', '--lexical-dim', '16', '--out', 'v.safetensors');
});
afterAll(() => cli.remove());

describe('train --init', () => {
  it.each(['whiten', 'graph-pca', 'projection', 'frozen', 'adapter', 'auto'])(
    '%s trains, with its settings in the model file',
    (init) => {
      const { config, diagnostics } = cli.json<Trained>(...train('--init', init));
      expect(config.init).toBe(init);
      expect(decodeModel(cli.read('m.safetensors'), 'm').config).toEqual(config);
      expect(config.frozenColumns).toBe(init === 'frozen' ? 3 : null);
      expect(config.adapterLayers).toBe(init === 'adapter' ? 1 : null);
      const { initial, trained, untrained, varianceKept } = diagnostics;
      expect(initial.effectiveRank).toBeGreaterThan(1);
      expect(initial.effectiveRank).toBeLessThanOrEqual(6);
      expect(initial.singularValues).toHaveLength(6);
      expect(initial.singularValues[0]).toBe(1);
      expect(trained.effectiveRank).toBeLessThanOrEqual(6);
      expect(untrained).toBeGreaterThanOrEqual(0);
      expect(varianceKept === null).toBe(init === 'projection');
    },
  );

  it('prints the diagnostics', () => {
    const { stdout } = cli.run(...train());
    expect(stdout).toMatch(/init auto, protocol standard/);
    expect(stdout).toMatch(
      /items: effective rank \d\.\d of 6 at the start, \d\.\d after training, \d+ % of the vectors' variance; test NDCG@10 before training 0\.\d{4}/,
    );
  });

  it('chooses among models by validation where it is auto, and tells what it tried', () => {
    const { config, contest, metrics } = cli.json<Contested>(...train('--init', 'auto'));
    const { candidates, chosen } = contest;
    expect(candidates.map(({ name }) => name)).toEqual([
      'l3ae',
      'lightgcn from graph-pca',
      'lightgcn from graph-pca with l3ae',
    ]);
    const highest = Math.max(...candidates.map(({ valid }) => valid));
    expect(candidates.find(({ name }) => name === chosen)?.valid).toBe(highest);
    expect(metrics.valid['ndcg@10']).toBe(highest);
    expect(config.contest).toEqual(contest);
    const { stdout } = cli.run(...train());
    expect(stdout).toMatch(/tried, \* chosen by validation \(\d+ settings, epochs and weights compared\)/);
    for (const { name } of candidates) expect(stdout).toContain(name);
    expect(stdout).toContain(`${chosen} *`);
    const given = cli.json<Contested>(...train('--init', 'auto', '--scale', '0.5', '--model', 'lightgcn'));
    expect([given.config.scale, given.contest]).toEqual([0.5, null]);
  });

  it.each(['popularity', 'item-knn', 'ease', 'text-only', 'l3ae'])(
    'trains --model %s without epochs',
    (model) => {
      const own = ['--interactions', 'ratings.csv', '--items', 'products.csv', '--quiet', '--out', 'closed'];
      const { config, history } = cli.json<Contested>('train', ...own, '--model', model);
      expect(config.model).toBe(model);
      expect(history).toEqual([]);
      expect(decodeModel(cli.read('closed'), 'm').config).toEqual(config);
      expect(cli.run('train', ...own, '--model', model, '--epochs', '3').stderr).toMatch(
        /beside epochs.*--epochs/,
      );
    },
  );

  it('chooses among models of clicks without texts', () => {
    const own = ['--interactions', 'ratings.csv', '--quiet', '--out', 'clicks'];
    const { contest } = cli.json<Contested>('train', ...own, '--epochs', '2', '--dim', '6');
    expect(contest.candidates.map(({ name }) => name)[0]).toBe('l3ae of clicks alone');
    expect(contest.candidates).toHaveLength(3);
  });

  it('spends a budget in counted work', () => {
    const line = train('--budget', '0.0018', '--batch', '1');
    const { contest } = cli.json<Contested>(...line);
    expect(contest.budget).toBe(0.0018);
    expect(contest.candidates[1].skipped).toMatch(/needs a budget of/);
    expect(cli.run(...train('--budget', '0')).stderr).toMatch(/expected a number > 0, received "0"/);
    expect(cli.run(...train('--budget', '3', '--init', 'pca')).stderr).toMatch(/init auto.*beside budget/);
  });

  it('puts several embedders side by side', () => {
    const { config } = cli.json<Trained>(
      ...train('--embedder', 'v.safetensors,lexical', '--lexical-dim', '12'),
    );
    expect(config.embeddings.source).toBe('lexical + lexical');
    expect(config.embeddings.width).toBeGreaterThan(16);
    const weighted = cli.json<Trained>(
      ...train('--embedder', 'v.safetensors,lexical', '--lexical-dim', '12', '--embedder-weights', '3,1'),
    );
    expect(weighted.config.inputs).not.toBe(config.inputs);
  });

  it.each([
    [['--negatives', 'popularity', '--popularity-exponent', '0.5'], { name: 'popularity', exponent: 0.5 }],
    [['--negatives', 'hard', '--hard-candidates', '3'], { name: 'hard', candidates: 3 }],
    [['--negatives', 'in-batch'], { name: 'in-batch' }],
  ])('draws negatives by %s', (options, expected) => {
    expect(cli.json<Trained>(...train(...options)).config.negatives).toEqual(expected);
  });

  it.each([
    [
      '--whiten-exponent 0.5 --init pca',
      /expected init whiten, graph-pca or auto beside whitenExponent, received pca\..* \(--whiten-exponent\)/,
    ],
    [
      '--graph-weight 2 --init whiten',
      /expected init graph-pca or auto beside graphWeight, received whiten\..* \(--graph-weight\)/,
    ],
    [
      '--popular-fraction 0.5 --init uniform',
      /expected init variance beside popularFraction, received uniform\..* \(--popular-fraction\)/,
    ],
    [
      '--frozen-columns 2 --init pca',
      /expected init frozen beside frozenColumns, received pca\..* \(--frozen-columns\)/,
    ],
    ['--frozen-columns 6 --init frozen', /expected frozenColumns below dim, which is 6, received 6/],
    [
      '--adapter-layers 2 --init pca',
      /expected init adapter beside adapterLayers, received pca\..* \(--adapter-layers\)/,
    ],
    ['--adapter-layers 3 --init adapter', /expected 1 \| 2, received "3"/],
    ['--pool max --init xavier', /beside pooling, received xavier\..* \(--pool\)/],
    ['--no-normalize --init xavier', /beside normalize, received xavier\..* \(--no-normalize\)/],
    ['--reg 0 --model sgcl', /beside regularization, received sgcl\..* \(--reg\)/],
    ['--whiten-exponent 2', /expected a number in \[0, 1\], received "2"/],
    [
      '--popularity-exponent 0.5',
      /expected negatives\.name popularity beside negatives\.exponent, received uniform\..* \(--popularity-exponent\)/,
    ],
    [
      '--hard-candidates 4 --negatives uniform',
      /expected negatives\.name hard beside negatives\.candidates, received uniform\..* \(--hard-candidates\)/,
    ],
    [
      '--negatives hard --model sgcl',
      /expected model lightgcn, bpr-mf or sgl beside negatives, received sgcl\..* \(--negatives\)/,
    ],
    ['--embedder lexical,lexical', /expected each embedder once/],
    ['--embedder lexical,words', /expected lexical, transformers, .*F\.parquet, received "words"/],
    ['--embedder-weights 1,2', /expected a weight for each of several embedders, received 2 for 1/],
    ['--embedder lexical,v.safetensors --embedder-weights 1,0', /expected numbers > 0 separated by commas/],
    ['--embedder a.npy,b.npy --embedding-ids i', /expected one \.npy file at most, received 2/],
  ])('refuses %s', (line, message) => {
    const { code, stderr } = cli.run(...train(), ...line.split(' '));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('evaluate --baselines', () => {
  const evaluate = ['evaluate', ...shop, ...small, '--seeds', '0,1', '--init', 'xavier,auto'];
  interface Study {
    runs: { init: string; seed: number; valid: number; bestEpoch: number; metrics: Record<string, number> }[];
    summary: { inits: { init: string; gain: Record<string, { relative: number }> | null }[] }[];
  }

  it('stand in the same table, and are found again', () => {
    const all = ['--baselines', 'popularity,item-knn,ease,text-only', '--results', 'r.json'];
    const first = cli.json<Study>(...evaluate, ...all);
    expect(first.runs).toHaveLength(2 * 6);
    expect(first.summary[0].inits.map(({ init }) => init)).toEqual([
      'xavier',
      'auto',
      'popularity',
      'item-knn',
      'ease',
      'text-only',
    ]);
    const ease = first.runs.filter(({ init }) => init === 'ease');
    expect(ease.every(({ valid, bestEpoch }) => valid > 0 && bestEpoch === 0)).toBe(true);
    const { stderr, stdout } = cli.run(...evaluate, ...all);
    expect(stderr).toMatch(/^12 runs, 12 of them found in r\.json$/m);
    expect(stderr).not.toMatch(/expected at most/);
    expect(stdout).toMatch(/│ ease +│/);
  });

  it('are measured beyond accuracy and by user beside the others', () => {
    const line = [...evaluate, '--baselines', 'popularity', '--beyond', '--per-user', 'users.csv'];
    const { runs } = cli.json<Study>(...line);
    expect(runs).toHaveLength(2 * 3);
    // Every list has 10 of the 24 items.
    for (const { metrics } of runs) expect(metrics['coverage@10']).toBeGreaterThanOrEqual(10 / 24);
    const rows = cli.read('users.csv').toString().trim().split('\n');
    const popularity = rows.filter((row) => row.includes(',popularity,'));
    expect(popularity).toHaveLength((rows.length - 1) / 3);
  });

  it('need texts for text-only', () => {
    const line = ['evaluate', '--interactions', 'ratings.csv', '--baselines', 'text-only'];
    const { code, stderr } = cli.run(...line);
    expect(code).toBe(2);
    expect(stderr).toMatch(/expected --items \(a catalogue\) or --embedder F\.npy .* received neither/);
  });
});
