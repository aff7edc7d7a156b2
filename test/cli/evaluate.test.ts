import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

interface Run {
  readonly protocol: string;
  readonly init: string;
  readonly seed: number;
  readonly metrics: Record<string, number>;
}

interface Study {
  readonly runs: Run[];
  readonly summary: {
    protocol: string;
    inits: {
      init: string;
      metrics: Record<string, { mean: number; sd: number | null }>;
      gain: Record<string, { relative: number }> | null;
    }[];
  }[];
}

const { interactions, items } = smallShop();
let cli: Cli;
const study = [
  'evaluate',
  '--interactions',
  'ratings.csv',
  '--items',
  'products.csv',
  '--dim',
  '8',
  '--batch',
  '32',
];
const short = [...study, '--epochs', '3', '--seeds', '0,1', '--init', 'xavier,pca'];

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
});
afterAll(() => cli.remove());

describe('evaluate', () => {
  it('prints a table per protocol with means, spreads and gains over xavier', () => {
    const { code, stdout } = cli.run(...short, '--protocol', 'standard,paper', '--ks', '5,20');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /protocol standard \(seen items masked, negatives verified\): lightgcn, 2 layers, dim 8/,
    );
    expect(stdout).toMatch(/protocol paper \(nothing masked/);
    expect(stdout).toMatch(/init +│ +R@5 │ +N@5 │ +R@20 │ +N@20 │ gain R@5 │ gain N@5 │ best epoch/);
    expect(stdout.match(/│ pca +│ +0\.\d{4} ± 0\.\d{4} │/g)).toHaveLength(2);
    expect(stdout.match(/[+-]?\d+\.\d %/g)?.length).toBe(4);
  });

  it('draws what it prints as SVG, of every protocol and cut-off, with the gains over xavier', () => {
    const args = [...short, '--protocol', 'standard,paper', '--ks', '5,20', '--charts', 'drawn/here'];
    const { charts, summary } = cli.json<Study & { charts: string[] }>(...args);
    const names = ['standard', 'paper'].flatMap((protocol) =>
      [5, 20].flatMap((k) => [`${protocol}-ndcg@${k}`, `${protocol}-ndcg@${k}-gain-over-xavier`]),
    );
    expect(charts).toEqual(names.map((name) => `drawn/here/${name}.svg`));
    const svg = new TextDecoder().decode(cli.read(charts[0]));
    expect(svg).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
    for (const { init, metrics } of summary[0].inits) {
      expect(svg).toContain(`>${init}<`);
      expect(svg).toContain(`>${metrics['ndcg@5'].mean.toFixed(4)}<`);
    }
  });

  it('refuses a file as the folder of charts before it reads anything', () => {
    const { code, stderr } = cli.run(...short, '--charts', 'ratings.csv/charts');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^llminit: --charts ratings\.csv: expected a folder, received a file/),
    });
  });

  it('gives every metric of every seed in JSON, and summaries that follow from them', () => {
    const { runs, summary } = cli.json<Study>(...short);
    expect(runs.map(({ seed, init }) => `${seed} ${init}`)).toEqual([
      '0 xavier',
      '0 pca',
      '1 xavier',
      '1 pca',
    ]);
    const names = ['recall', 'ndcg', 'mrr', 'hit', 'precision', 'map'].flatMap((m) =>
      [10, 20, 50].map((k) => `${m}@${k}`),
    );
    for (const { metrics } of runs) expect(Object.keys(metrics)).toEqual(names);
    const of = (init: string) =>
      runs.filter((run) => run.init === init).map(({ metrics }) => metrics['recall@10']);
    const [base, pca] = [of('xavier'), of('pca')];
    const found = summary[0].inits[1];
    expect(found.metrics['recall@10'].mean).toBeCloseTo((pca[0] + pca[1]) / 2, 12);
    expect(found.metrics['recall@10'].sd).toBeCloseTo(Math.abs(pca[0] - pca[1]) / Math.SQRT2, 12);
    const gain = (pca[0] + pca[1] - base[0] - base[1]) / (base[0] + base[1]);
    expect(found.gain?.['recall@10'].relative).toBeCloseTo(gain, 12);
    expect(summary[0].inits[0].gain).toBeNull();
  });

  it('takes finished runs from --results, and trains again when a setting differs', () => {
    const first = cli.json<Study>(...short, '--results', 'study.json');
    const again = cli.run(...short, '--results', 'study.json', '--json');
    expect(JSON.parse(again.stdout).runs).toEqual(first.runs);
    expect(again.stderr).toMatch(/^4 runs, 4 of them found in study\.json$/m);
    const other = cli.run(...short, '--results', 'study.json', '--lr', '0.01', '--json');
    expect(other.stderr).not.toMatch(/found in/);
    expect(JSON.parse(other.stdout).runs).not.toEqual(first.runs);
  });

  it('has the same results with one run at a time and with several, in one order', () => {
    const args = [...short, '--baselines', 'popularity,text-only', '--min-rating', '3'];
    const files = ['one.csv', 'three.csv'];
    const [one, three] = ['1', '3'].map((workers, n) =>
      cli.json<Study>(...args, '--workers', workers, '--per-user', files[n]),
    );
    expect(one.runs).toHaveLength(8);
    expect(three).toEqual(one);
    expect(cli.read('three.csv')).toEqual(cli.read('one.csv'));
  });

  it('refuses several runs at a time beside several threads, before it reads anything', () => {
    const { code, stderr } = cli.run(...short, '--threads', '2', '--workers', '2');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^llminit: --workers: expected no --threads beside it, received both/),
    });
  });

  it('gives the metrics of train for the same seed', () => {
    const { runs } = cli.json<Study>(...short);
    const args = [
      '--interactions',
      'ratings.csv',
      '--items',
      'products.csv',
      '--dim',
      '8',
      '--batch',
      '32',
      '--epochs',
      '3',
    ];
    const trained = cli.json<{ metrics: { test: object } }>(
      'train',
      ...args,
      '--seed',
      '1',
      '--init',
      'pca',
      '--out',
      'm',
    );
    expect(trained.metrics.test).toEqual(runs[3].metrics);
  });

  it('says where vectors come from and how many items have none', () => {
    const origins = items.map(([id, , text], n) => [id, text, n < 5 ? 'imputed' : 'real']);
    cli.write('origins.csv', csv(['item_id', 'text', 'embedding_source'], origins));
    cli.write(
      'most.csv',
      csv(
        ['item_id', 'text'],
        origins.slice(0, 22).map(([id, text]) => [id, text]),
      ),
    );
    expect(cli.run('embed', '--items', 'most.csv', '--out', 'most.safetensors').code).toBe(0);
    const args = [
      'evaluate',
      '--interactions',
      'ratings.csv',
      '--items',
      'origins.csv',
      '--text-columns',
      'text',
    ];
    const vectors = [
      '--embedder',
      'most.safetensors',
      '--dim',
      '4',
      '--epochs',
      '1',
      '--seeds',
      '0',
      '--init',
      'pca',
    ];
    const { stdout } = cli.run(...args, ...vectors, '--origin-column', 'embedding_source');
    expect(stdout).toMatch(/2 of 24 items have none and start from xavier rows/);
    expect(stdout).toMatch(/origin, as the catalogue says: .*imputed 5/);
    // The column may describe another file: nobody said that it is about this one.
    expect(cli.run(...args, ...vectors).stdout).not.toMatch(/origin/);
    expect(cli.run(...args, ...vectors, '--origin-column', 'source').code).toBe(1);
    const lexical = cli.run(...args, '--init', 'pca', '--origin-column', 'embedding_source');
    expect(lexical.stderr).toMatch(/--origin-column: expected one file in --embedder beside it, received 0/);
  });
});
