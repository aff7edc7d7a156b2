import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { sent, thrown } from '../../../../src/cli/study/engine/threadError.ts';
import { askedWorkers, workersOf } from '../../../../src/cli/study/engine/workers.ts';
import { BudgetError, DataError, LlminitError } from '../../../../src/index.ts';

describe('runs at a time', () => {
  const MB = 2 ** 20;
  const needs = (megabytes: number, seconds = 60) => ({ seconds, bytes: megabytes * MB });

  it('are as many as there are processors, unless memory holds fewer', () => {
    const asked = askedWorkers(undefined, {});
    expect(workersOf(asked, needs(100), undefined)).toBe(availableParallelism());
    expect(workersOf(asked, needs(300), 599 * MB)).toBe(1);
    expect(workersOf(asked, needs(300), 200 * MB)).toBe(1);
  });

  it('are one where all work is done in a few seconds, unless more are asked for', () => {
    expect(workersOf(askedWorkers(undefined, {}), needs(100, 4), undefined)).toBe(1);
    expect(workersOf(askedWorkers(2, {}), needs(100, 4), undefined)).toBe(2);
  });

  it('are as many as were asked for, or refused where memory is said to hold fewer', () => {
    expect(workersOf(askedWorkers(7, {}), needs(300), undefined)).toBe(7);
    // A process of 96 MB, and 252 MB for each worker: 204 of its run, 48 of its own.
    expect(workersOf(askedWorkers(2, {}), needs(300), 600 * MB)).toBe(2);
    const refused = () => workersOf(askedWorkers(3, {}), needs(300), 600 * MB);
    expect(refused).toThrow(BudgetError);
    expect(refused).toThrow(/600 MB of memory .* 3 runs at a time take about 852 MB\. Pass --workers 2/);
  });

  it('are one beside threads and beside what there is one of, and more are refused there', () => {
    expect(askedWorkers(undefined, { threads: 1 })).toBe(1);
    expect(askedWorkers(2, { threads: 1 })).toBe(2);
    expect(askedWorkers(undefined, { threads: 2 })).toBe(1);
    expect(() => askedWorkers(2, { threads: 2 })).toThrow(
      /--workers: expected no --threads beside it, received both/,
    );
    expect(askedWorkers(undefined, {}, '--rerank')).toBe(1);
    expect(() => askedWorkers(2, {}, '--rerank')).toThrow(/no --rerank beside it/);
  });
});

describe('an error of a worker thread', () => {
  it('of this package keeps its class, code, words, remedy and option', () => {
    const error = new DataError('a: b', 'expected c, received d', 'Change it', 'batchSize');
    const there = thrown(structuredClone(sent(error)));
    expect(there).toBeInstanceOf(DataError);
    expect(there).toMatchObject({
      ...{ code: 'ERR_LLMINIT_DATA', message: error.message, remedy: 'Change it', option: 'batchSize' },
    });
  });

  it('of another kind keeps its stack', () => {
    const there = thrown(structuredClone(sent(new TypeError('oops'))));
    expect(there).not.toBeInstanceOf(LlminitError);
    expect(there.message).toMatch(/TypeError: oops\n {4}at /);
  });
});
