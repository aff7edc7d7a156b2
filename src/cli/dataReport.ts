import { DataError, type Interactions, type Split } from '../index.ts';
import type { DataReport, FileReport } from './dataset.ts';
import type { EmbeddingReport } from './embedder.ts';

/** What was read and what each filter left, a line each. */
export function dataLines({ files, stages, belowRating, duplicates }: DataReport): string[] {
  const pairs = `${belowRating} low ratings, ${duplicates} duplicates`;
  const left = stages.map(
    ({ after, users, items, interactions }) =>
      `after ${after}: ${users} users, ${items} items, ${interactions} interactions`,
  );
  return [...files.flatMap(fileLines), `left out of all lines: ${pairs}`, ...left];
}

/** What a file was taken for, how many of its lines were used, and why others were not. */
export function fileLines(report: FileReport): string[] {
  const { file, layout, lines, badLinesSkipped, dropped, unread, notes } = report;
  const losses = (what: string, list: FileReport['dropped']) =>
    list.flatMap(({ reason, count, examples }) => [
      `  ${what}, ${reason}: ${count}`,
      ...examples.map(({ line, reason: why }) => `    line ${line}: ${why}`),
    ]);
  return [
    `${file}: ${layout}`,
    `${file}: ${lines} lines, ${lines - badLinesSkipped} used, ${badLinesSkipped} bad lines left out`,
    ...losses('bad lines', dropped),
    ...losses('not read', unread),
    ...notes.map(({ text, option }) => `  ${text}${option ? ` (${flagName(option)})` : ''}`),
  ];
}

/** `--min-rating` for `minRating`. */
function flagName(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
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
  const { name, order } = split;
  const bySeed = name === 'none' && split.validShare ? `, seed ${seed}` : '';
  const how = order === undefined ? `${name}${bySeed}` : `${name}, ${order} order, seed ${seed}`;
  const { train, valid, test, usersWithoutValid, usersWithoutTest } = report;
  const without = `users without validation item: ${usersWithoutValid}, without test item: ${usersWithoutTest}`;
  return `split (${how}): ${train} train, ${valid} validation, ${test} test; ${without}`;
}

/**
 * @param isWhole whether everything trains, so that there is nothing to test on
 * @throws {DataError} when a split has nothing to train or to test on
 */
export function checkParts({ train, test }: Split, isWhole = false): void {
  for (const [name, part] of Object.entries({ training: train, test })) {
    if (part.length > 0 || (isWhole && part === test)) continue;
    const problem = `expected ${name} interactions, the split has none`;
    const remedy = 'Bring users with at least 2 interactions, change --ratios, or pass --split none';
    throw new DataError('split', problem, remedy);
  }
}

/** Where the vectors come from and which items have none. */
export function embeddingLines(report: EmbeddingReport): string[] {
  const { source, width, items, withVector, catalogueOnly, withoutText, withoutVector, sources } = report;
  const lines: string[] = report.catalogue ? fileLines(report.catalogue) : [];
  if (catalogueOnly > 0) {
    lines.push(`catalogue: ${catalogueOnly} items have no interaction (left) and are not in the model`);
  }
  if (withoutText.count > 0) lines.push(`items without text: ${listed(withoutText)}`);
  if (source === null) return lines;
  lines.push(`vectors: ${source}, width ${width}, for ${withVector} of ${items} items`);
  if (withoutVector.count > 0)
    lines.push(`items without vector, which start from xavier rows: ${listed(withoutVector)}`);
  if (sources) lines.push(`origin of the vectors, as the catalogue says: ${originText(sources)}`);
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
