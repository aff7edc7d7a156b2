import { usersOf } from '../data/usersOf.ts';
import { DataError, type Interactions, type Split, type TimeSplit } from '../index.ts';
import type { DataReport, FileReport } from './dataset.ts';
import type { EmbeddingReport } from './embedder.ts';

/** What was read and what each filter left, a line each. */
export function dataLines({
  files,
  stages,
  belowRating,
  duplicates,
}: Pick<DataReport, 'files' | 'stages' | 'belowRating' | 'duplicates'>): string[] {
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
  /** Of a split by time: later interactions in no part, since their users have none that trains. */
  readonly withoutTraining?: number;
}

export function splitReport({
  train,
  valid,
  test,
  withoutTraining,
}: Split & Partial<TimeSplit>): SplitReport {
  return {
    train: train.length,
    valid: valid.length,
    test: test.length,
    usersWithoutValid: usersWithout(valid),
    usersWithoutTest: usersWithout(test),
    ...(withoutTraining !== undefined && { withoutTraining }),
  };
}

export function splitLine({ split }: DataReport, report: SplitReport, seed: number): string {
  const { name, order } = split;
  const bySeed = name === 'none' && split.validShare ? `, seed ${seed}` : '';
  const how = order === undefined ? `${name}${bySeed}` : `${name}, ${order} order, seed ${seed}`;
  const { train, valid, test, usersWithoutValid, usersWithoutTest, withoutTraining } = report;
  const without = `users without validation item: ${usersWithoutValid}, without test item: ${usersWithoutTest}`;
  const late = withoutTraining ? `; left out, of users who have nothing that trains: ${withoutTraining}` : '';
  return `split (${how}): ${train} train, ${valid} validation, ${test} test; ${without}${late}`;
}

/** Whether everything may train: never, where the split is asked to, or also where nobody has two interactions. */
export type WholeTraining = 'never' | 'asked' | 'needed';

/**
 * @param name of the split
 * @param whole whether nothing needs to be held out; default never
 * @throws {DataError} when a split has nothing to train or to test on
 */
export function checkParts({ train, test }: Split, name: string, whole: WholeTraining = 'never'): void {
  if (train.length === 0) throw noPart('training', name, whole);
  if (test.length > 0 || (whole !== 'never' && name === 'none')) return;
  if (name === 'leave-one-out' && whole === 'never') throw noneTwice(train.numUsers);
  if (whole !== 'needed' || name !== 'leave-one-out') throw noPart('test', name, whole);
}

/** The error where each user has one interaction, which trains. */
function noneTwice(users: number): DataError {
  const problem = `each of the ${users} users has one interaction, and nothing can be held out to measure by`;
  const remedy =
    'Bring users with two interactions or more, or name the column that tells people apart (--user-column); to train without measuring there is llminit train';
  return new DataError('split', problem, remedy);
}

function noPart(part: string, name: string, whole: WholeTraining): DataError {
  const remedies: Record<string, string> = {
    none: 'Leave --split none out: with it everything trains',
    time: 'No user has interactions before and after its dates: pass others (--split-at), or --split ratio',
    ratio: 'Bring users with more interactions, or change --ratios',
    'leave-one-out': 'Bring users with at least 2 interactions',
  };
  const remedy = remedies[name] ?? 'Check the files of the split';
  const other = whole === 'needed' && name in remedies ? '. To train on everything pass --split none' : '';
  return new DataError('split', `expected ${part} interactions, the split has none`, `${remedy}${other}`);
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
  return part.numUsers - usersOf(part).length;
}
