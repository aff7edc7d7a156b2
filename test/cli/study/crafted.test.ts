import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openResults } from '../../../src/cli/study/results.ts';
import { readStudy } from '../../../src/cli/study/studyFile.ts';
import { isLlminitError } from '../../../src/errors.ts';

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
const study = {
  ...{ format: 'llminit-study', version: '1', llminit: '0.2.0' },
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
  runs: [{ job, result }],
};
const results = {
  ...{ format: 'llminit-results', version: '1' },
  runs: [
    {
      ...{ protocol: 'standard', init: 'xavier', seed: 0, bestEpoch: 1, epochs: 2, valid: 0.1 },
      ...{ metrics: { 'ndcg@10': 0.1 }, itemsWithoutVector: 0, ks: [10], settings: { model: 'lightgcn' } },
    },
  ],
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

describe('files of studies that someone has edited', () => {
  it('are read where they are whole', async () => {
    writeFileSync(join(folder, 'study.json'), JSON.stringify(study));
    expect(await readStudy(join(folder, 'study.json'))).toEqual(study);
    writeFileSync(join(folder, 'runs.json'), JSON.stringify(results));
    const { ks, settings } = results.runs[0];
    expect((await openResults(join(folder, 'runs.json'))).find(settings as never, ks)).toMatchObject({
      seed: 0,
    });
  });

  it('a study is read, or refused by name, whatever one value is replaced by', async () => {
    const path = join(folder, 'crafted.json');
    for (const { where, text } of crafted(study)) {
      writeFileSync(path, text);
      expect([where, text.slice(0, 200), await outcome(() => readStudy(path))]).toEqual([
        where,
        text.slice(0, 200),
        null,
      ]);
    }
  });

  it.each([
    ['a run without its job', { ...study, runs: [{ result }] }, /a run at position 0 of runs/],
    [
      'metrics that are texts',
      { ...study, runs: [{ job, result: { ...result, metrics: { a: 'x' } } }] },
      /a run at/,
    ],
    [
      'ranks of three users',
      { ...study, runs: [{ job, result: { ...result, ranks: 'AQID' } }] },
      /ranks of 2 users/,
    ],
    [
      'buckets of one user',
      { ...study, splits: [{ ...study.splits[0], historyBuckets: 'AA==' }] },
      /a split at/,
    ],
  ])('a study is refused for %s', async (_, document, message) => {
    const path = join(folder, 'refused.json');
    writeFileSync(path, JSON.stringify(document));
    await expect(readStudy(path)).rejects.toThrow(message);
  });

  it('results are read, or refused by name, whatever one value is replaced by', async () => {
    const path = join(folder, 'crafted-runs.json');
    for (const { where, text } of crafted(results)) {
      writeFileSync(path, text);
      const open = async () => (await openResults(path)).find({ model: 'lightgcn' } as never, [10]);
      expect([where, await outcome(open)]).toEqual([where, null]);
    }
  });

  it('studies of the records in bench/experiments are whole', async () => {
    const root = new URL('../../../bench/experiments/', import.meta.url).pathname;
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const found = await Promise.all(folders.map(({ name }) => readStudy(join(root, name, 'study.json'))));
    expect(found.filter((one) => one !== null).length).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'study.json'), 'utf8')).toContain('llminit-study');
  });
});
