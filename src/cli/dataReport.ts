import { DataError, type Interactions, type Split } from '../index.ts';
import type { DataReport } from './dataset.ts';
import type { EmbeddingReport } from './embedder.ts';

/** What was read and what each filter left, a line each. */
export function dataLines({ files, stages }: DataReport): string[] {
  const lines = files.flatMap(
    ({ file, lines: count, belowRating, duplicates, badLinesSkipped, firstBadLines }) => [
      `${file}: ${count} lines; left out: ${badLinesSkipped} bad lines, ${belowRating} low ratings, ${duplicates} duplicates`,
      ...firstBadLines.map(({ line, reason }) => `  bad line ${line}: ${reason}`),
    ],
  );
  const left = stages.map(
    ({ after, users, items, interactions }) =>
      `after ${after}: ${users} users, ${items} items, ${interactions} interactions`,
  );
  return [...lines, ...left];
}

/** How large the parts of a split are, and how many users have nothing to validate or test on. */
export interface SplitReport {
  readonly train: number;
  readonly valid: number;
  readonly test: number;
  readonly usersWithoutValid: number;
  readonly usersWithoutTest: number;
}

export function splitReport({ train, valid, test }: Split): SplitReport {
  return {
    train: train.length,
    valid: valid.length,
    test: test.length,
    usersWithoutValid: usersWithout(valid),
    usersWithoutTest: usersWithout(test),
  };
}

export function splitLine({ split }: DataReport, report: SplitReport, seed: number): string {
  const how = split.name === 'ready-made' ? split.name : `${split.name}, ${split.order} order, seed ${seed}`;
  const { train, valid, test, usersWithoutValid, usersWithoutTest } = report;
  const without = `users without validation item: ${usersWithoutValid}, without test item: ${usersWithoutTest}`;
  return `split (${how}): ${train} train, ${valid} validation, ${test} test; ${without}`;
}

/** @throws {DataError} when a split has nothing to train or to test on */
export function checkParts({ train, test }: Split): void {
  for (const [name, part] of Object.entries({ training: train, test })) {
    if (part.length > 0) continue;
    const problem = `expected ${name} interactions, the split has none`;
    throw new DataError('split', problem, 'Bring users with at least 2 interactions, or change --ratios');
  }
}

/** Where the vectors come from and which items have none. */
export function embeddingLines(report: EmbeddingReport): string[] {
  const { source, width, items, withVector, catalogueOnly, withoutText, withoutVector, sources } = report;
  const lines: string[] = [];
  if (catalogueOnly > 0) {
    lines.push(`catalogue: ${catalogueOnly} items have no interaction (left) and are not in the model`);
  }
  if (withoutText.count > 0) lines.push(`items without text: ${listed(withoutText)}`);
  if (source === null) return lines;
  lines.push(`vectors: ${source}, width ${width}, for ${withVector} of ${items} items`);
  if (withoutVector.count > 0)
    lines.push(`items without vector, which start from xavier rows: ${listed(withoutVector)}`);
  if (sources) lines.push(`origin of the vectors (embedding_source): ${originText(sources)}`);
  return lines;
}

/** `real 939, imputed 644`. */
export function originText(sources: Readonly<Record<string, number>>): string {
  return Object.entries(sources)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function listed({ count, first }: { count: number; first: readonly string[] }): string {
  return `${count} (${first.join(', ')}${count > first.length ? ', …' : ''})`;
}

function usersWithout(part: Interactions): number {
  return part.numUsers - new Set(part.users).size;
}
