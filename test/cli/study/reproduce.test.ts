import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackedRun } from '../../../src/cli/study/engine/packedRuns.ts';
import { unpackedValues } from '../../../src/cli/study/perUser.ts';
import { Cli } from '../runCli.ts';
import { csv, smallShop } from '../smallShop.ts';

const { interactions, items } = smallShop();
let cli: Cli;
const data = ['--interactions', 'ratings.csv', '--items', 'products.csv', '--quiet'];
const small = ['--dim', '6', '--dims', '4,6', '--batch', '32', '--epochs', '2', '--workers', '2'];
const reproduce = (...more: string[]) => ['reproduce', ...more, ...data, ...small];

interface Study {
  datasets: { name: string; items: number }[];
  splits: { seed: number; keep: number; testUsers: number; historyBuckets: string }[];
  runs: {
    job: { model: string; init: string | null; seed: number; protocol: string; condition?: string };
    result: {
      metrics: Record<string, number>;
      ranks: string;
      seconds: number;
      perUser?: { ndcg: string };
    };
  }[];
}
const text = (file: string) => new TextDecoder().decode(cli.read(file));
const study = (folder: string) => {
  const { runs, ...head } = JSON.parse(text(`${folder}/study.json`));
  return { ...head, runs: runs.map(unpackedRun) } as Study;
};
/** Without the time that a run took. */
const results = (folder: string) =>
  study(folder).runs.map(({ job, result }) => ({ job, ...result, seconds: 0, processorSeconds: 0 }));

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
});
afterAll(() => cli.remove());

describe('reproduce', () => {
  it('runs an experiment on files and writes study, report and HTML', () => {
    const args = [
      '--seeds',
      '0,1',
      '--models',
      'lightgcn,sgcl',
      '--protocol',
      'standard,paper',
      '--out',
      'a',
    ];
    const { code, stdout, stderr } = cli.run(...reproduce('table1'), ...args);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('## ratings · Table 1');
    expect(text('a/report.md')).toBe(stdout);
    expect(text('a/report.html')).toContain('<h2>ratings · Table 1');
    const { runs, splits, datasets } = study('a');
    expect(datasets[0]).toMatchObject({ name: 'ratings', items: 24 });
    // 2 seeds × 2 protocols × 2 models.
    expect(runs.filter(({ job }) => job.init === 'xavier').length).toBe(8);
    expect(new Set(runs.map(({ job }) => job.model))).toEqual(
      new Set([...['popularity', 'item-knn', 'ease', 'text-only', 'l3ae'], 'lightgcn', 'sgcl', 'auto']),
    );
    expect(splits.map(({ seed, keep }) => [seed, keep])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    // Equal scores count at their mean over all orders, which is no rank: baselines that count have many.
    const counting = ['popularity', 'item-knn', 'ease', 'l3ae', 'auto'];
    for (const { result } of runs.filter(({ job }) => !counting.includes(job.model))) {
      const ranks = Buffer.from(result.ranks, 'base64');
      expect(ranks.length).toBe(splits[0].testUsers);
      const hits = ranks.filter((rank) => rank > 0 && rank <= 10).length;
      expect(hits / ranks.length).toBeCloseTo(result.metrics['recall@10'], 5);
    }
  });

  it('goes on from the runs that are there, and redraws without new ones', () => {
    const args = ['--models', 'lightgcn', '--seeds', '0', '--out', 'b'];
    expect(cli.run(...reproduce('table5'), ...args).code).toBe(0);
    const before = study('b');
    const times = before.runs.map(({ result }) => result.seconds);
    expect(cli.run(...reproduce('table5', 'figure1'), ...args).code).toBe(0);
    const after = study('b');
    expect(after.runs.length).toBeGreaterThan(before.runs.length);
    for (const [n, run] of before.runs.entries())
      expect(after.runs).toContainEqual({ ...run, result: { ...run.result, seconds: times[n] } });
    const redrawn = cli.run('reproduce', 'figure1', '--out', 'b', '--report-only', '--charts', 'drawn/b');
    expect(redrawn.code).toBe(0);
    expect(redrawn.stdout).toContain('Figure 1');
    const charts = readdirSync(join(cli.folder, 'drawn/b'));
    expect(charts).toContain('ndcg@10-by-dimension.svg');
    for (const chart of charts) expect(text(`drawn/b/${chart}`)).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
    expect(text('b/report.html').match(/<svg/g)).toHaveLength(charts.length);
    expect(study('b')).toEqual(after);
  });

  it('has the same results with one worker and with two', () => {
    const args = [
      '--models',
      'lightgcn',
      '--seeds',
      '0,1',
      '--inits',
      'xavier,pca,frozen,adapter',
      '--no-baselines',
    ];
    expect(cli.run(...reproduce('inits'), ...args, '--out', 'one', '--workers', '1').code).toBe(0);
    expect(cli.run(...reproduce('inits'), ...args, '--out', 'two', '--workers', '2').code).toBe(0);
    expect(results('one')).toEqual(results('two'));
    expect(new Set(results('one').map(({ job }) => job.init))).toEqual(
      new Set(['xavier', 'pca', 'frozen', 'adapter']),
    );
  });

  it('holds users and items out, and shuffles texts', () => {
    const names = ['strangers', 'new-items', 'shuffled'];
    const args = [
      '--seeds',
      '0,1',
      '--models',
      'lightgcn',
      '--inits',
      'xavier,graph-pca,auto',
      '--out',
      'held',
    ];
    const { code, stderr } = cli.run('reproduce', ...names, ...data, ...small, ...args);
    expect([code, stderr]).toEqual([0, '']);
    const { runs } = study('held');
    const of = (condition: string, model: string) =>
      runs.filter(({ job }) => job.condition === condition && job.model === model);
    for (const model of ['popularity', 'item-knn', 'ease', 'text-only', 'l3ae', 'auto']) {
      // Another tenth of users and items under every seed: 4 of 40 users, 2 or 3 of 24 items.
      const [first, second] = of('strangers', model).map(({ result }) =>
        unpackedValues(result.perUser!.ndcg),
      );
      const measured = (values: Float64Array) => values.filter((value) => !Number.isNaN(value)).length;
      expect([measured(first), measured(second)]).toEqual([4, 4]);
      expect(first.some((value, user) => !Number.isNaN(value) && !Number.isNaN(second[user]))).toBe(false);
      const [fresh] = of('new-items', model).map(({ result }) => result.metrics);
      for (const name of ['ndcg@10', 'all-ndcg@10', 'trained-ndcg@10', 'before-ndcg@10', 'exposure@10']) {
        expect(fresh[name]).toBeGreaterThanOrEqual(0);
        expect(fresh[name]).toBeLessThanOrEqual(1);
      }
      // More items beside a test item cannot help it.
      expect(fresh['trained-ndcg@10']).toBeLessThanOrEqual(fresh['before-ndcg@10']);
    }
    // Texts tell the three themes apart, and those of others do not.
    const quality = (condition: string) =>
      of(condition, 'text-only').reduce((sum, { result }) => sum + result.metrics['ndcg@10'], 0);
    expect(quality('strangers')).toBeGreaterThan(quality('shuffled'));
    expect(text('held/report.md')).toContain('among new');
  });

  it('keeps what is done when it is interrupted', async () => {
    const args = [
      ...reproduce('table1').filter((arg) => arg !== '--quiet'),
      '--seeds',
      '0,1,2,3',
      '--out',
      'c',
    ];
    const child = cli.start(...args, '--models', 'lightgcn');
    let stderr = '';
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', (chunk) => {
        stderr += chunk;
        if (/\[2\/\d+\]/.test(stderr)) resolve();
      });
      child.on('close', () => resolve());
    });
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted: \d+ of \d+ runs are in c\/study\.json; go on with the same command/);
    expect(study('c').runs.length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['--min-rating 4', /--min-rating: expected --interactions beside it, received --dataset amazon-office/],
    ['--k-core 5', /--k-core: expected --interactions beside it/],
    ['--embedder lexical', /--embedder: expected --interactions beside it/],
    ['--items products.csv', /--items: expected --interactions beside it/],
    ['--lexical-dim 16', /--lexical-dim: expected --interactions beside it/],
    ['--split ratio', /--split: expected --interactions beside it/],
    ['--train ratings.csv', /--train: expected --interactions beside it/],
    ['--on-bad-line skip', /--on-bad-line: expected --interactions beside it/],
  ])('refuses %s beside a known dataset, which has its own', (line, message) => {
    const named = ['reproduce', 'table1', '--dataset', 'amazon-office', '--data', 'nowhere'];
    const { code, stderr } = cli.run(...named, ...line.split(' '));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it.each([
    ['table5 --models sgl', /--models: expected values that table5 has runs for, received sgl/],
    ['inits --models lightgcn,sgl', /--models: expected values that inits has runs for, received sgl/],
    [
      'inits --protocol standard,paper',
      /--protocol: expected values that inits has runs for, received paper/,
    ],
    ['table5 --inits auto', /--inits: expected values that table5 has runs for, received auto/],
    ['table5 --data folder', /--data: expected --dataset beside it, received none/],
  ])('refuses what no run reads: %s', (line, message) => {
    const { code, stderr } = cli.run('reproduce', ...line.split(' '), ...data);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(cli.has('study')).toBe(false);
  });

  it('refuses other data under the same name, other files, and bad usage', () => {
    const run = (...args: string[]) => cli.run('reproduce', ...args);
    expect(run('table9', ...data).stderr).toMatch(/expected table1 \| table2 \| table3/);
    expect(run('table1').stderr).toMatch(
      /expected either --dataset or --interactions with --items, received neither/,
    );
    expect(run('table1', '--dataset', 'netflix').stderr).toMatch(
      /expected amazon-office, .*received netflix/,
    );
    cli.write('other.txt', 'x');
    const missing = run('table1', '--dataset', 'amazon-office', '--data', 'nowhere');
    expect(missing.code).toBe(1);
    expect(cli.run(...reproduce('table5'), '--models', 'lightgcn', '--seeds', '0', '--out', 'd').code).toBe(
      0,
    );
    cli.write(
      'products.csv',
      csv(
        ['item_id', 'title', 'description'],
        items.map(([id, title]) => [id, title, `new ${id}`]),
      ),
    );
    const changed = cli.run(...reproduce('table5'), '--models', 'lightgcn', '--seeds', '0', '--out', 'd');
    expect(changed.code).toBe(1);
    expect(changed.stderr).toMatch(/expected the data of ratings that its runs were made on/);
  });
});
