import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkReading } from '../../src/cli/predicted.ts';
import { vectorForecast, vectorForecastLine } from '../../src/cli/predictedVectors.ts';
import { tellForecast } from '../../src/cli/study/forecasts.ts';
import { BudgetError } from '../../src/errors.ts';
import type { Forecast } from '../../src/recipe/forecast.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-predicted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const MEGABYTE = 2 ** 20;

describe('reading that is expected to take more memory than there may be', () => {
  const path = join(folder, 'large.csv');
  writeFileSync(path, '');
  truncateSync(path, 300 * MEGABYTE);
  const refusal = (most: number, engine?: { memoryMb?: number }) => {
    try {
      checkReading([path], most * MEGABYTE, engine);
      return null;
    } catch (error) {
      expect(error).toBeInstanceOf(BudgetError);
      return (error as BudgetError).message;
    }
  };

  it('names DuckDB with the megabytes that fit', () => {
    expect(refusal(900)).toBeNull();
    expect(refusal(700)).toMatch(/With --engine duckdb --engine-memory (\d+) it takes about \d+ MB/);
    const [, megabytes] = /--engine-memory (\d+)/.exec(refusal(700)!)!;
    expect(refusal(700, { memoryMb: Number(megabytes) })).toBeNull();
    expect(refusal(700, { memoryMb: 512 })).toMatch(/With --engine-memory \d+ it takes/);
  });

  it('says what else helps where it does not fit either', () => {
    expect(refusal(200)).toMatch(
      /Make a smaller file first \(llminit prepare --k-core 5\).* raise the limit to \d+ MB/,
    );
  });
});

it('tells what vectors of texts take, and how long where that is known', () => {
  const texts = ['red pen', '', 'blue bag'];
  const vectors = { embedders: ['lexical'], settings: { lexicalDim: 8 } } as never;
  const lexical = vectorForecast(vectors, texts, undefined);
  expect(lexical).toMatchObject({ texts: 2, tokens: 6 });
  expect(lexical.seconds).toBeGreaterThan(0);
  expect(vectorForecastLine(lexical)).toMatch(
    /^2 texts, expected at most: \d+ MB of memory, less than 1 s of one core$/,
  );
  const served = { embedders: ['https://example.org/v1'], settings: {} } as never;
  expect(vectorForecastLine(vectorForecast(served, texts, undefined))).toMatch(
    /6 tokens, about; how long is told/,
  );
});

it('tells what the runs of a study take together, the longest of them apart', () => {
  const forecast = (seconds: number, bytes: number): Forecast => ({
    ...{ stages: [], seconds, bytes: bytes * MEGABYTE, testUsers: 1, batch: null },
  });
  const foreseen = [
    { runs: 5, forecast: forecast(60, 200) },
    { runs: 1, forecast: forecast(300, 150) },
  ];
  const lines: string[] = [];
  const progress = { line: (text: string) => lines.push(text), step() {}, training() {}, end() {} };
  expect(tellForecast([], null, progress)).toBeNull();
  expect(tellForecast(foreseen, null, progress)).toMatchObject({
    runs: 6,
    seconds: 600,
    bytes: 200 * MEGABYTE,
  });
  expect(lines[0]).toBe('6 runs, expected at most: 200 MB of memory, 10 min of one core');
  expect(lines[1]).toMatch(/^the longest is expected at most: 150 MB of memory, 5 min of one core/);
  expect(tellForecast(foreseen, 2, progress)!.bytes).toBeGreaterThan(300 * MEGABYTE);
});
