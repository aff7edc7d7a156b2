import { describe, expect, it } from 'vitest';
import { byBucket, type Cell, Comparisons, cellsOf, overSeeds } from '../../../src/cli/study/analysis.ts';
import { type ExperimentName, jobsOf, type Scope } from '../../../src/cli/study/experiments.ts';
import { type ExperimentResults, type ExperimentRun, type Job, jobKey } from '../../../src/cli/study/jobs.ts';
import { packedValues } from '../../../src/cli/study/perUser.ts';
import { writeReport } from '../../../src/cli/study/report/report.ts';
import { PURPOSE, Random } from '../../../src/runtime/random.ts';

const scope: Scope = {
  dataset: 'amazon-office',
  vectors: [
    { name: 'bert<cls>', weight: 0.5 },
    { name: 'lexical', weight: 1 },
  ],
  seeds: [0, 1, 2, 3, 4],
  protocols: ['standard', 'paper'],
  models: ['lightgcn', 'sgl', 'sgcl'],
  order: 'random',
  dims: [32, 64, 128],
  dim: 128,
  batch: 256,
  epochs: 300,
  inits: null,
  baselines: true,
};
const USERS = 400;
const base64 = (values: ArrayLike<number>) => Buffer.from(Uint8Array.from(values)).toString('base64');

/** Ranks with a known share of hits: xavier .1, everything else `share`. */
function run(job: Job, share: number): ExperimentRun {
  const random = new Random(job.seed, PURPOSE.synthetic, job.init === 'xavier' ? 1 : 2);
  const ranks = Array.from({ length: USERS }, () => (random.uniform() < share ? 1 + random.below(10) : 0));
  const values = ranks.filter((rank) => rank > 0);
  const metrics: Record<string, number> = {
    'recall@10': values.length / USERS,
    'ndcg@10': values.reduce((sum, rank) => sum + 1 / Math.log2(rank + 1), 0) / USERS,
  };
  const spectrum = { effectiveRank: job.dim * 0.9, singularValues: [1, 0.5, 0.1] };
  const diagnostics = { initial: spectrum, trained: spectrum, varianceKept: 0.7, untrained: 0.03 };
  return {
    job,
    result: {
      ...{ valid: 0.05, bestEpoch: 3, epochs: 14, seconds: 1, metrics, ranks: base64(ranks) },
      ...(job.model === 'auto' && { contest: { chosen: 'l3ae', compared: 30, trials: [] } }),
      bytes: 12_000,
      diagnostics: job.dim > 0 ? diagnostics : null,
    },
  };
}

function study(experiments: readonly ExperimentName[], better = 0.3): ExperimentResults {
  const jobs = new Map(experiments.flatMap((name) => jobsOf(name, scope)).map((job) => [jobKey(job), job]));
  return {
    datasets: [
      {
        ...{ name: 'amazon-office', digest: '', users: USERS, items: 90, interactions: 1000 },
        vectors: [
          {
            ...{ name: 'bert<cls>', width: 768, itemsWithout: 2, weight: 0.5 },
            origins: { real: 50, imputed: 40 },
          },
          { name: 'lexical', width: 256, itemsWithout: 0, weight: 1 },
        ],
      },
    ],
    splits: scope.seeds.flatMap((seed) =>
      [1, 0.5].map((keep) => ({
        ...{ dataset: 'amazon-office', order: 'random' as const, seed, keep },
        ...{ users: USERS, items: 90, interactions: 800, testUsers: USERS },
        historyBuckets: base64(Array.from({ length: USERS }, (_, user) => user % 4)),
        popularityBuckets: base64(Array.from({ length: USERS }, (_, user) => (user < 100 ? 0 : 2))),
      })),
    ),
    runs: [...jobs.values()].map((job) => run(job, job.init === 'xavier' ? 0.1 : better)),
  };
}

describe('jobsOf', () => {
  it('has every cell of Table 1 once a seed, seed by seed', () => {
    const jobs = jobsOf('table1', scope);
    expect(new Set(jobs.map(jobKey)).size).toBe(jobs.length);
    for (const protocol of scope.protocols)
      for (const model of scope.models)
        for (const init of ['xavier', 'random', 'uniform', 'variance', 'graph-pca'])
          expect(
            jobs.filter((job) => job.protocol === protocol && job.model === model && job.init === init)
              .length,
          ).toBe(5);
    for (const model of ['popularity', 'item-knn', 'ease', 'text-only', 'l3ae', 'auto'])
      expect(jobs.filter((job) => job.model === model).length).toBe(10);
    const seeds = jobs.map(({ seed }) => seed);
    expect(seeds).toEqual([...seeds].sort((a, b) => a - b));
  });

  it('keeps to the inits asked for, and leaves baselines out', () => {
    const jobs = jobsOf('inits', { ...scope, inits: ['xavier', 'pca'], baselines: false });
    expect(new Set(jobs.map(({ init }) => init))).toEqual(new Set(['xavier', 'pca']));
    expect(jobs.every(({ model }) => model === 'lightgcn' || model === 'sgcl')).toBe(true);
  });

  it('removes half of the interactions in figure3 and varies dim in figure1', () => {
    expect(jobsOf('figure3', scope).every(({ keep }) => keep === 0.5)).toBe(true);
    expect(new Set(jobsOf('figure1', scope).map(({ dim }) => dim))).toEqual(new Set(scope.dims));
  });

  it('trains every model twice in losses, from xavier and from graph PCA', () => {
    const jobs = jobsOf('losses', { ...scope, models: ['bpr-mf', 'sgl'], seeds: [0] });
    expect(jobs.map(({ model, init, training = 'authors' }) => `${model} ${init} ${training}`)).toEqual(
      ['bpr-mf', 'sgl'].flatMap((model) =>
        ['authors', 'recommended'].flatMap((training) =>
          ['xavier', 'graph-pca'].map((init) => `${model} ${init} ${training}`),
        ),
      ),
    );
  });
});

describe('analysis', () => {
  const file = study(['table1']);
  const cells = cellsOf(file);
  const find = (init: string, model = 'lightgcn') =>
    cells.find(({ job }) => job.init === init && job.model === model && job.protocol === 'standard')!;

  it('groups runs by all but the seed', () => {
    expect(find('variance').results.size).toBe(5);
    const values = [...find('variance').results.values()].map(({ metrics }) => metrics['recall@10']);
    expect(overSeeds(find('variance'), 'recall@10').mean).toBeCloseTo(values.reduce((a, b) => a + b) / 5, 12);
  });

  it('finds a gain of 200 % significant, and none where there is none', () => {
    const comparisons = new Comparisons();
    const found = comparisons.of(find('xavier'), find('variance'), 'recall')!;
    expect(found.gain).toBeGreaterThan(1.5);
    expect(found.low).toBeLessThan(found.gain);
    expect(found.high).toBeGreaterThan(found.gain);
    expect(found.low).toBeGreaterThan(1);
    expect(found).toMatchObject({ seeds: 5, significant: true, signP: 0.0625 });
    const same = comparisons.of(find('variance'), find('variance'), 'ndcg')!;
    expect(same).toMatchObject({ gain: 0, low: 0, high: 0, significant: false, signP: 1 });
  });

  it('computes the metric of a user from the rank, as the run did', () => {
    const cell = find('random');
    const total = byBucket(cell, file, 'historyBuckets', 'ndcg', 4);
    const users = total.reduce((sum, bucket) => sum + bucket.users, 0);
    expect(users).toBe(5 * USERS);
    const mean = total.reduce((sum, bucket) => sum + bucket.users * bucket.mean, 0) / users;
    expect(mean).toBeCloseTo(overSeeds(cell, 'ndcg@10').mean, 9);
    const popular = byBucket(cell, file, 'popularityBuckets', 'recall', 3);
    expect(popular.map((bucket) => bucket.users)).toEqual([500, 0, 1500]);
  });
});

describe('comparisons of some users', () => {
  /** Values of the users of a tenth, others of the same tenth a little higher. */
  function cell(init: 'xavier' | 'variance', more: number): Cell {
    const results = [0, 1].map((seed) => {
      const users = Array.from({ length: 40 }, (_, n) => ({
        ...{ user: 10 * n + seed, recall: 0, ndcg: 0.2 + more + 0.1 * Math.sin(n) },
      }));
      const ndcg = users.reduce((sum, user) => sum + user.ndcg, 0) / 40;
      const metrics = { 'recall@10': 0, 'ndcg@10': ndcg };
      const measured = { valid: 0, bestEpoch: 1, epochs: 1, seconds: 1, diagnostics: null, metrics };
      return [seed, { ...measured, ranks: '', perUser: packedValues(users, USERS) }] as const;
    });
    const [job] = jobsOf('strangers', scope).filter((one) => one.init === init);
    return { job, results: new Map(results) };
  }

  it('pair each user with himself, though seeds measure others', () => {
    const found = new Comparisons().of(cell('xavier', 0), cell('variance', 0.05), 'ndcg')!;
    expect(found.seeds).toBe(2);
    expect(found.gain).toBeCloseTo(0.25, 1);
    expect(found.low).toBeCloseTo(found.gain, 3);
    expect(found.high).toBeCloseTo(found.gain, 3);
  });
});

describe('writeReport', () => {
  const paper: ExperimentName[] = ['table1', 'table3', 'table5', 'figure1', 'figure3'];
  const all: ExperimentName[] = [...paper, 'inits', 'losses', 'tuning'];

  it('has a section for each experiment, with published figures and marks', async () => {
    const { markdown } = await writeReport(study(all), all);
    expect(markdown.match(/^## amazon-office · /gm)).toHaveLength(8);
    expect(markdown).toContain('.0745 / .0365');
    expect(markdown).toMatch(/bert&lt;cls&gt;.*768 wide, 2 items without, origin: real 50, imputed 40/);
    expect(markdown).toMatch(
      /\| lightgcn \| variance \(bert&lt;cls&gt;\) \|[^\n]*\+\d+\.\d % \[[^\]]+\] \* \| 0\.063 \|/,
    );
    expect(markdown).toContain('| ease | – |');
    expect(markdown).toMatch(/\| standard \| lightgcn, variance \(bert&lt;cls&gt;\) \| [+−]/);
    expect(markdown).toMatch(/\| paper \| ease \| [+−]/);
  });

  it('opens with pictures of gains, seconds and bytes, in files of their own', async () => {
    const { markdown, html, pictures } = await writeReport(study(['table1']), ['table1']);
    const kinds = ['gains', 'seconds', 'bytes'];
    expect(pictures.map(({ path }) => path)).toEqual(
      kinds.map((kind) => `pictures/amazon-office-${kind}.svg`),
    );
    for (const { path, svg } of pictures) {
      expect(markdown.indexOf(`![](${path})`)).toBeGreaterThan(0);
      expect(markdown.indexOf(path)).toBeLessThan(markdown.indexOf('## '));
      expect(svg).toMatch(/^<svg/);
      expect(svg).toContain('>auto<');
      expect(svg).toMatch(/<\/svg>\n$/);
    }
    expect(html.indexOf('<svg')).toBeLessThan(html.indexOf('<table'));
    expect(markdown).toMatch(/among 30 settings, epochs and weights a run/);
    expect(markdown).toMatch(/\| auto \|[^\n]*\| 12 \| 30 \|/);
  });

  it('compares auto with what it chooses from, and a control with the run that it controls', async () => {
    const { markdown } = await writeReport(study(['table1', 'shuffled']), ['table1', 'shuffled']);
    expect(markdown).toMatch(/\| standard \| l3ae \| [+−]/);
    expect(markdown).toMatch(/\| standard \| lightgcn, graph-pca \(0\.5 bert[^|]*\| [+−]/);
    const control = markdown.slice(markdown.indexOf('Control: '));
    expect(control).toMatch(/\| l3ae \| \.\d+ \| \+\d/);
    expect(control).toMatch(/\| lightgcn, variance \(bert&lt;cls&gt;, shuffled\) \| \.\d+ \| \+\d/);
  });

  it('leaves out what has no runs, and shows how many seeds there are', async () => {
    const file = study(['table1']);
    const some = { ...file, runs: file.runs.filter(({ job }) => job.seed < 2) };
    const { markdown } = await writeReport(some, all);
    expect(markdown).not.toContain('Figure 3');
    expect(markdown).toMatch(/\| lightgcn \| xavier \|[^\n]*\| 2 \|/);
  });

  it('compares dimensions on the seeds that all of them have', async () => {
    const file = study(['figure1']);
    const some = { ...file, runs: file.runs.filter(({ job }) => job.dim === 128 || job.seed === 1) };
    const { markdown } = await writeReport(some, ['figure1']);
    const rows = markdown.match(/^\| (32|64|128|256) \|.*$/gm)!;
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) expect(row).toMatch(/\| 1 \|$/);
    const disjoint = { ...file, runs: file.runs.filter(({ job }) => (job.dim === 128) === job.seed < 2) };
    expect((await writeReport(disjoint, ['figure1'])).markdown).not.toContain('Figure 1');
  });

  it('is one HTML file that loads nothing, with its charts as SVG and names escaped', async () => {
    const { html } = await writeReport(study(['figure1', 'inits']), ['figure1', 'inits']);
    expect(html.match(/<svg/g)!.length).toBeGreaterThanOrEqual(5);
    expect(html).not.toMatch(/<script(?! type="application\/json")/);
    expect(html).not.toMatch(/(src|href)="http/);
    expect(html).not.toContain('bert<cls>');
    expect(html).toContain('bert&lt;cls&gt;');
    expect(html).not.toContain('NaN');
  });
});
