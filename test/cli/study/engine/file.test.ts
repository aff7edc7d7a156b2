import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRuns } from '../../../../src/cli/study/engine/file.ts';
import { packedRun } from '../../../../src/cli/study/engine/packedRuns.ts';
import { isLlminitError } from '../../../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-crafted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const job = {
  ...{
    dataset: 'd',
    vectors: null,
    model: 'lightgcn',
    init: 'xavier',
    dim: 8,
    graphWeight: null,
    scale: null,
  },
  ...{ pool: 'mean', protocol: 'standard', order: 'random', seed: 0, keep: 1, batch: 32, epochs: 2 },
};
const result = {
  ...{ valid: 0.1, bestEpoch: 1, epochs: 2, seconds: 0.1, metrics: { 'ndcg@10': 0.1 }, ranks: 'AQI=' },
  diagnostics: {
    initial: { effectiveRank: 2, singularValues: [1] },
    trained: null,
    varianceKept: null,
    untrained: 0.1,
  },
  contest: { chosen: 'l3ae', compared: 1, trials: [{ name: 'l3ae', valid: 0.1 }] },
};
/** Of a training. */
const reached = {
  ...{ protocol: 'standard', init: 'xavier', seed: 0, bestEpoch: 1, epochs: 2, valid: 0.1 },
  ...{ metrics: { 'ndcg@10': 0.1 }, itemsWithoutVector: 0 },
};
const study = {
  ...{ format: 'llminit-study', version: '2', llminit: '0.2.0' },
  datasets: [
    {
      name: 'd',
      digest: 'x',
      users: 2,
      items: 3,
      interactions: 6,
      vectors: [{ name: 'v', width: 4, itemsWithout: 0 }],
    },
  ],
  splits: [
    {
      ...{
        dataset: 'd',
        order: 'random',
        seed: 0,
        keep: 1,
        users: 2,
        items: 3,
        interactions: 4,
        testUsers: 2,
      },
      ...{ historyBuckets: 'AAA=', popularityBuckets: 'AAA=' },
    },
  ],
  runs: [
    { kind: 'experiment', job, result },
    { kind: 'training', job: { settings: { model: 'lightgcn' }, ks: [10] }, result: reached },
  ],
};
/** The same in the formats of earlier versions. */
const FIRST_STUDY = { ...study, version: '1', runs: [{ job, result }] };
const FIRST_RESULTS = {
  ...{ format: 'llminit-results', version: '1' },
  runs: [{ ...reached, ks: [10], settings: { model: 'lightgcn' } }],
};

/** What takes the place of a value: another type, a number out of range, something deep, nothing. */
const DEEP = `${'['.repeat(5000)}${']'.repeat(5000)}`;
const WRONG = ['null', '-1', '1e999', '0.5', '"x"', '""', '[]', '[null]', '{}', 'true', DEEP, null];

/** Every way to replace one value of a document, or to leave it out. */
function* crafted(document: unknown): Generator<{ readonly where: string; readonly text: string }> {
  const mark = '@@here@@';
  const paths = function* (value: unknown, path: (string | number)[]): Generator<(string | number)[]> {
    if (path.length > 0) yield path;
    if (typeof value === 'object' && value !== null)
      for (const key of Object.keys(value))
        yield* paths((value as Record<string, unknown>)[key], [...path, key]);
  };
  for (const path of paths(document, [])) {
    for (const wrong of WRONG) {
      const copy = structuredClone(document) as Record<string, unknown>;
      const parent = path
        .slice(0, -1)
        .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy);
      const key = path[path.length - 1];
      if (wrong === null) delete parent[key];
      else parent[key] = mark;
      yield { where: path.join('.'), text: JSON.stringify(copy).replace(`"${mark}"`, wrong ?? '') };
    }
  }
}

/** Opened, or refused by an error of this package; anything else is told. */
async function outcome(open: () => Promise<unknown>): Promise<string | null> {
  try {
    await open();
    return null;
  } catch (error) {
    return isLlminitError(error) ? null : String(error);
  }
}

describe('files of runs that someone has edited', () => {
  const path = join(folder, 'runs.json');
  const reading = (document: object) => {
    writeFileSync(path, JSON.stringify(document));
    return readRuns(path);
  };

  it('are read where they are whole, also as earlier versions wrote them', async () => {
    const { datasets, splits, runs } = study;
    expect(await reading(study)).toEqual({ datasets, splits, runs });
    expect(await reading(FIRST_STUDY)).toEqual({ datasets, splits, runs: runs.slice(0, 1) });
    expect(await reading(FIRST_RESULTS)).toEqual({ datasets: [], splits: [], runs: runs.slice(1) });
  });

  it.each([
    ['a study', study],
    ['a study of version 1', FIRST_STUDY],
    ['results of version 1', FIRST_RESULTS],
  ])('%s is read, or refused by name, whatever one value is replaced by', async (_, document) => {
    for (const { where, text } of crafted(document)) {
      writeFileSync(path, text);
      const shown = text.slice(0, 200);
      expect([where, shown, await outcome(() => readRuns(path))]).toEqual([where, shown, null]);
    }
  });

  it('keep ranks and values deflated, and have them back as they were', async () => {
    const zeros = Buffer.alloc(3000).toString('base64');
    const split = { ...study.splits[0], testUsers: 3000, historyBuckets: zeros, popularityBuckets: zeros };
    const values = {
      ranks: Buffer.alloc(3000, 7).toString('base64'),
      perUser: { recall: zeros, ndcg: zeros },
    };
    const runs = [{ kind: 'experiment', job, result: { ...result, ...values } }];
    const packed = runs.map(packedRun);
    expect(JSON.stringify(packed).length).toBeLessThan(JSON.stringify(runs).length / 5);
    expect((await reading({ ...study, splits: [split], runs: packed })).runs).toEqual(runs);
  });

  const [run] = study.runs;
  it.each([
    [
      'a run without its job',
      { ...study, runs: [{ kind: 'experiment', result }] },
      /a run at position 0 of runs/,
    ],
    ['a run of no kind', { ...study, runs: [{ job, result }] }, /a run at position 0 of runs/],
    [
      'metrics that are texts',
      { ...study, runs: [{ ...run, result: { ...result, metrics: { a: 'x' } } }] },
      /a run at/,
    ],
    [
      'ranks of three users',
      { ...study, runs: [{ ...run, result: { ...result, ranks: 'AQID' } }] },
      /ranks of 2 users/,
    ],
    [
      'deflated ranks that are none',
      { ...study, runs: [{ ...run, result: { ...result, ranks: 'deflate:AAAA' } }] },
      /a run at/,
    ],
    [
      'buckets of one user',
      { ...study, splits: [{ ...study.splits[0], historyBuckets: 'AA==' }] },
      /a split at/,
    ],
    [
      'a later version',
      { ...study, version: '3' },
      /received format "llminit-study", version "3"\. A later llminit wrote it/,
    ],
    ['another file', { format: 'llminit-cache' }, /\. Name a new file or folder for the runs/],
  ])('are refused for %s', async (_, document, message) => {
    await expect(reading(document)).rejects.toThrow(message);
  });

  it('but those of the records in bench/experiments are whole', async () => {
    const root = new URL('../../../../bench/experiments/', import.meta.url).pathname;
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const found = await Promise.all(folders.map(({ name }) => readRuns(join(root, name, 'study.json'))));
    expect(found.filter(({ runs }) => runs.length > 0).length).toBeGreaterThan(0);
  });
});
