import type { Command } from 'commander';
import { type MetricsResult, OptionError } from '../../index.ts';
import { oneOf, text } from '../args/arguments.ts';
import { add } from '../args/command.ts';
import { RowsFile, rowEnding } from '../rowsFile.ts';

/** What `evaluate` measures beside its metrics. */
export interface MeasureOptions {
  readonly seen?: 'liked' | 'had';
  readonly beyond?: boolean;
  readonly perUser?: string;
}

/** Options of `MeasureOptions`. */
export function addMeasureOptions(command: Command): void {
  const seen = 'what standard leaves out of rankings: liked (default) | had (all that was met)';
  add(command, '--seen <what>', seen, oneOf('--seen', ['liked', 'had'] as const));
  command.option('--beyond', 'coverage, novelty and diversity, too');
  add(
    command,
    '--per-user <file>',
    'metrics of every user: .csv, .tsv, .jsonl or .parquet',
    text('--per-user'),
  );
}

/** @throws {OptionError} beside stored runs, which have none of it */
export function checkMeasures({ seen, beyond, perUser }: MeasureOptions, results: string | undefined): void {
  const given = Object.entries({ '--seen': seen, '--beyond': beyond, '--per-user': perUser });
  const flag = given.find(([, value]) => value !== undefined)?.[0];
  if (perUser !== undefined) rowEnding('--per-user', perUser);
  if (flag === undefined || results === undefined) return;
  throw new OptionError(flag, 'expected no --results beside it, received both', 'Leave one of them out');
}

/** The metrics of every user of every run, a row each. */
export class PerUserFile {
  readonly #path: string;
  #file: RowsFile | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  add(
    run: { protocol: string; init: string; seed: number },
    userIds: readonly string[],
    test: Pick<MetricsResult, 'users' | 'perUser'>,
  ): void {
    const names = Object.keys(test.perUser) as (keyof MetricsResult['perUser'])[];
    const columns = ['protocol', 'init', 'seed', 'user', ...names];
    this.#file ??= new RowsFile(columns, rowEnding('--per-user', this.#path));
    for (const [n, user] of test.users.entries()) {
      const values = names.map((name) => test.perUser[name][n]);
      this.#file.add([run.protocol, run.init, run.seed, userIds[user], ...values]);
    }
  }

  async write(): Promise<void> {
    await this.#file?.write(this.#path);
  }
}
