import { OptionError } from '../index.ts';
import type { DataOptions } from './args/dataOptions.ts';
import { checkSplitArguments } from './splitArguments.ts';

/** @throws {OptionError} where the flags of interactions, of a ready-made split and of filters do not go together */
export function checkDataOptions({ files, reading, kCore: core, split }: DataOptions): void {
  const { interactions, train, valid, test } = files;
  if ((interactions === undefined) === (train === undefined)) {
    const received = interactions ? 'both' : 'neither';
    refuse(
      '--interactions',
      `expected either --interactions or --train and --test, received ${received}`,
      'Pass one of them',
    );
  }
  if (train !== undefined && test === undefined) {
    refuse('--train', 'expected --test beside it, received none', 'Pass the test interactions of the split');
  }
  if (interactions !== undefined && (valid ?? test) !== undefined) {
    refuse(
      '--interactions',
      'expected no ready-made parts beside it, received --valid or --test',
      'Pass --train instead',
    );
  }
  checkSplitArguments(split);
  const changing = Object.entries({
    '--min-rating': reading.minRating,
    '--k-core': core,
    '--split': split.name,
    '--order': split.order,
  });
  const given = changing.find(([, value]) => value !== undefined);
  if (train !== undefined && given) {
    refuse(given[0], 'expected --interactions: a ready-made split is taken as it is', 'Leave it out');
  }
}

function refuse(where: string, problem: string, remedy: string): never {
  throw new OptionError(where, problem, remedy);
}
