import { basename } from 'node:path';
import {
  alignSplit,
  type Interactions,
  kCore,
  leaveOneOut,
  OptionError,
  ratioSplit,
  readInteractions,
  type Split,
} from '../index.ts';
import { openSource } from '../node.ts';
import type { DataArguments, EmbeddingArguments } from './args/commandArguments.ts';
import { embedderNames, isVectorsFile } from './args/embedderArguments.ts';
import type { Inputs } from './outputFile.ts';

/** What is left after reading or after a filter. */
interface Stage {
  readonly after: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** What one file gave. */
interface FileReport {
  readonly file: string;
  readonly lines: number;
  readonly badLinesSkipped: number;
  readonly firstBadLines: readonly { readonly line: number; readonly reason: string }[];
  readonly belowRating: number;
  readonly duplicates: number;
}

/** Counts for reports and for the configuration in a model file. */
export interface DataReport {
  readonly files: readonly FileReport[];
  readonly stages: readonly Stage[];
  readonly split: { readonly name: string; readonly order?: string; readonly ratios?: readonly number[] };
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** Interactions that were read and filtered, and the way to split them. */
export interface Dataset {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly report: DataReport;
  /** The split of a seed; a ready-made one is the same for all seeds. */
  split(seed: number): Split;
}

/**
 * Reads `--interactions`, or `--train`, `--valid` and `--test`, and filters them.
 * @throws {OptionError} when neither or both are given, or options do not go together
 * @throws {DataError} as the readers; when a filter leaves nothing
 */
export async function readDataset(args: DataArguments, signal: AbortSignal): Promise<Dataset> {
  checkArguments(args);
  return args.train ? readyMade(args, signal) : fromInteractions(args, signal);
}

function checkArguments(args: DataArguments): void {
  const { interactions, train, valid, test } = args;
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
  if (args.ratios && args.split !== 'ratio') refuse('--ratios', 'expected --split ratio beside it', 'Add it');
  const { minRating, kCore: core, split, order } = args;
  const changing = Object.entries({
    '--min-rating': minRating,
    '--k-core': core,
    '--split': split,
    '--order': order,
  });
  const given = changing.find(([, value]) => value !== undefined);
  if (train !== undefined && given) {
    refuse(given[0], 'expected --interactions: a ready-made split is taken as it is', 'Leave it out');
  }
}

/** What a command reads, by flag. */
export function inputsOf(args: Partial<DataArguments> & EmbeddingArguments): Inputs {
  return {
    files: {
      '--interactions': args.interactions,
      '--train': args.train,
      '--valid': args.valid,
      '--test': args.test,
      '--items': args.items,
      '--embedder': embedderNames(args).filter(isVectorsFile),
      '--embedding-ids': args.embeddingIds,
    },
    folders: { '--model-folder': args.modelFolder, '--cache': args.cache },
  };
}

async function fromInteractions(args: DataArguments, signal: AbortSignal): Promise<Dataset> {
  const { interactions: read, report: file } = await readPart(args, args.interactions!, signal);
  const stages = [stage(args.minRating === undefined ? 'reading' : `rating ≥ ${args.minRating}`, read)];
  let kept = read;
  if (args.kCore) {
    kept = kCore(read, args.kCore);
    stages.push(stage(`${args.kCore}-core`, kept));
  }
  const { order = 'random', split = 'leave-one-out', ratios } = args;
  return {
    userIds: kept.userIds,
    itemIds: kept.itemIds,
    report: {
      files: [file],
      stages,
      split: { name: split, order, ...(split === 'ratio' && { ratios: ratios ?? [0.8, 0.1, 0.1] }) },
      ...sizes(kept),
    },
    split: (seed) =>
      split === 'ratio' ? ratioSplit(kept, { order, seed, ratios }) : leaveOneOut(kept, { order, seed }),
  };
}

async function readyMade(args: DataArguments, signal: AbortSignal): Promise<Dataset> {
  const train = await readPart(args, args.train!, signal);
  const valid = args.valid ? await readPart(args, args.valid, signal) : null;
  const test = await readPart(args, args.test!, signal);
  const split = alignSplit(train.interactions, valid?.interactions ?? null, test.interactions);
  const interactions = split.train.length + split.valid.length + split.test.length;
  const { numUsers: users, numItems: items } = split.train;
  return {
    userIds: split.train.userIds,
    itemIds: split.train.itemIds,
    report: {
      files: [train, ...(valid ? [valid] : []), test].map(({ report }) => report),
      stages: [{ after: 'reading', users, items, interactions }],
      split: { name: 'ready-made' },
      ...{ users, items, interactions },
    },
    split: () => split,
  };
}

async function readPart(
  args: DataArguments,
  path: string,
  signal: AbortSignal,
): Promise<{ interactions: Interactions; report: FileReport }> {
  const { format, userColumn, itemColumn, ratingColumn, timestampColumn, minRating, onBadLine } = args;
  const columns = { userColumn, itemColumn, ratingColumn, timestampColumn };
  const needsTimestamp = args.order === 'time';
  const options = { name: path, format, ...columns, minRating, needsTimestamp, onBadLine, signal };
  const { interactions, report } = await readInteractions(openSource(path), options);
  return {
    interactions,
    report: {
      file: basename(path),
      lines: report.lines,
      badLinesSkipped: report.badLineCount,
      firstBadLines: report.badLines.slice(0, 3),
      belowRating: interactions.belowRating,
      duplicates: interactions.duplicates,
    },
  };
}

function stage(after: string, interactions: Interactions): Stage {
  return { after, ...sizes(interactions) };
}

function sizes({ numUsers, numItems, length }: Interactions): {
  users: number;
  items: number;
  interactions: number;
} {
  return { users: numUsers, items: numItems, interactions: length };
}

function refuse(where: string, problem: string, remedy: string): never {
  throw new OptionError(where, problem, remedy);
}
