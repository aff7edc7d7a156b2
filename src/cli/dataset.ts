import { basename } from 'node:path';
import {
  alignSplit,
  type Interactions,
  kCore,
  type Loss,
  type Note,
  OptionError,
  type ReadReport,
  readInteractions,
  type SampleUsersOptions,
  type Split,
  sampleUsers,
} from '../index.ts';
import { readInteractionsWithDuckdb } from '../node.ts';
import type { DataFiles, DataOptions, SplitOptions } from './args/dataOptions.ts';
import { embedderNames, isVectorsFile } from './args/embedderArguments.ts';
import type { VectorOptions } from './args/itemOptions.ts';
import { checkDataOptions } from './dataArguments.ts';
import { inputSources, isPlainFile } from './inputs.ts';
import { atOnce } from './interrupt.ts';
import type { Inputs } from './outputFile.ts';
import { type SplitSource, splitSettings, splitsOf } from './splitArguments.ts';

/** What is left after reading or after a filter. */
interface Stage {
  readonly after: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** What one file gave. */
export interface FileReport {
  readonly file: string;
  /** what it was taken for */
  readonly layout: string;
  readonly lines: number;
  readonly badLinesSkipped: number;
  readonly firstBadLines: readonly { readonly line: number; readonly reason: string }[];
  /** bad lines, and cells that were not read, by reason, with three examples each */
  readonly dropped: readonly Loss[];
  readonly unread: readonly Loss[];
  readonly notes: readonly Note[];
}

/** What the files of one flag gave. */
interface PartReport {
  readonly files: readonly FileReport[];
  readonly belowRating: number;
  readonly duplicates: number;
}

/** Counts for reports and for the configuration in a model file. */
export interface DataReport {
  readonly files: readonly (FileReport & Partial<Omit<PartReport, 'files'>>)[];
  /** pairs that were met and are not liked, and rows that another row of their pair stands for */
  readonly belowRating: number;
  readonly duplicates: number;
  readonly stages: readonly Stage[];
  readonly split: {
    readonly name: string;
    readonly order?: string;
    readonly ratios?: readonly number[];
    /** seconds since 1970 */
    readonly at?: readonly number[];
    readonly validShare?: number;
  };
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** Interactions that were read and filtered, and the way to split them. */
export interface Dataset {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly report: DataReport;
  /** What the splits are made of. */
  readonly splits: SplitSource;
  /** The split of a seed, in the order that the options ask for unless another is named; a ready-made one is the same for all. */
  split(seed: number, order?: SplitOptions['order']): Split;
}

/**
 * Reads `--interactions`, or `--train`, `--valid` and `--test`, and filters them.
 * @param sample of the interactions, after the filters; default: all
 * @throws {OptionError} when neither or both are given, or options do not go together
 * @throws {DataError} as the readers; when a filter leaves nothing
 */
export async function readDataset(
  data: DataOptions,
  signal: AbortSignal,
  sample?: SampleUsersOptions,
): Promise<Dataset> {
  checkDataOptions(data);
  if (sample && data.files.train)
    throw new OptionError(
      '--sample',
      'expected --interactions: a ready-made split is taken as it is',
      'Leave it out',
    );
  return data.files.train ? readyMade(data, signal) : fromInteractions(data, signal, sample);
}

/** What a command reads, by flag: interactions, the catalogue and what vectors come from. */
export function inputsOf(data: DataFiles, catalogue: string | undefined, vectors: VectorOptions): Inputs {
  const { embeddingIds, modelFolder } = vectors.settings;
  return {
    files: {
      '--interactions': data.interactions,
      '--train': data.train,
      '--valid': data.valid,
      '--test': data.test,
      '--items': catalogue,
      '--embedder': embedderNames(vectors).filter(isVectorsFile),
      '--embedding-ids': embeddingIds,
    },
    folders: { '--model-folder': modelFolder, '--cache': vectors.cache },
  };
}

async function fromInteractions(
  data: DataOptions,
  signal: AbortSignal,
  sample?: SampleUsersOptions,
): Promise<Dataset> {
  const { split } = data;
  const { interactions, report, stages } = await filtered(data, signal);
  let kept = interactions;
  if (sample && sample.items < kept.numItems) {
    const whole = kept;
    kept = await atOnce(() => sampleUsers(whole, sample));
    stages.push(stage('sample of users', kept));
  }
  return {
    userIds: kept.userIds,
    itemIds: kept.itemIds,
    report: { ...joined([report]), stages, split: splitSettings(split), ...sizes(kept) },
    splits: { whole: kept, options: split },
    split: splitsOf({ whole: kept, options: split }),
  };
}

/** Reads `--interactions` and takes the k-core, with what was left after each step. */
async function filtered(
  { files, reading, engine, kCore: core }: DataOptions,
  signal: AbortSignal,
): Promise<{ interactions: Interactions; report: PartReport; stages: Stage[] }> {
  const how = { reading, engine, kCore: core };
  const read = await readFiles('--interactions', files.interactions!, how, signal);
  const { minRating } = reading;
  const stages = [{ after: minRating === undefined ? 'reading' : `rating ≥ ${minRating}`, ...read.before }];
  if (core) stages.push(stage(`${core}-core`, read.interactions));
  return { interactions: read.interactions, report: read.report, stages };
}

async function readyMade({ files, reading, engine }: DataOptions, signal: AbortSignal): Promise<Dataset> {
  const how = { reading, engine };
  const train = await readFiles('--train', files.train!, how, signal);
  const valid = files.valid ? await readFiles('--valid', files.valid, how, signal) : null;
  const test = await readFiles('--test', files.test!, how, signal);
  const split = await atOnce(() =>
    alignSplit(train.interactions, valid?.interactions ?? null, test.interactions),
  );
  const interactions = split.train.length + split.valid.length + split.test.length;
  const { numUsers: users, numItems: items } = split.train;
  const parts = [train, ...(valid ? [valid] : []), test].map(({ report }) => report);
  return {
    userIds: split.train.userIds,
    itemIds: split.train.itemIds,
    report: {
      ...joined(parts),
      stages: [{ after: 'reading', users, items, interactions }],
      split: { name: 'ready-made' },
      ...{ users, items, interactions },
    },
    splits: split,
    split: () => split,
  };
}

/** Counts of a flag with one file stand with the file, too. */
function joined(parts: readonly PartReport[]): Pick<DataReport, 'files' | 'belowRating' | 'duplicates'> {
  const sum = (key: 'belowRating' | 'duplicates') => parts.reduce((total, part) => total + part[key], 0);
  return {
    files: parts.flatMap(({ files, belowRating, duplicates }) =>
      files.length === 1 ? [{ ...files[0], belowRating, duplicates }] : files,
    ),
    belowRating: sum('belowRating'),
    duplicates: sum('duplicates'),
  };
}

/** How files of interactions are read and thinned. */
export type FileReading = Pick<DataOptions, 'reading' | 'engine' | 'kCore'>;

/**
 * Reads the files of a flag and takes the k-core.
 * @returns the sizes before the k-core, too
 * @throws as `readInteractions` and `kCore`, or `readInteractionsWithDuckdb`
 */
export async function readFiles(
  flag: string,
  paths: readonly string[],
  { reading, engine, kCore: core }: FileReading,
  signal: AbortSignal,
): Promise<{ interactions: Interactions; report: PartReport; before: ReturnType<typeof sizes> }> {
  const sources = await inputSources(flag, paths);
  const options = { ...reading, signal };
  if (engine) {
    const files = sources.map((source) => (isPlainFile(source) ? source.name : source));
    const more = { ...engine, ...(core && { kCore: core }) };
    const { interactions, reports, before } = await readInteractionsWithDuckdb(files, {
      ...options,
      ...more,
    });
    const { belowRating, duplicates, ...left } = before;
    return {
      interactions,
      report: { files: reports.map(fileReport), belowRating, duplicates },
      before: left,
    };
  }
  const { interactions: read, reports } = await readInteractions(sources, {
    ...options,
    name: paths.join(', '),
  });
  const { belowRating, duplicates } = read;
  const report = { files: reports.map(fileReport), belowRating, duplicates };
  return { interactions: core ? await atOnce(() => kCore(read, core)) : read, report, before: sizes(read) };
}

/** A report of the library for a document, without the folder of the file. */
export function fileReport(report: ReadReport): FileReport {
  const { name, layout, lines, badLineCount, badLines, dropped, unread, notes } = report;
  return {
    ...{ file: basename(name), layout, lines, badLinesSkipped: badLineCount },
    ...{ firstBadLines: badLines.slice(0, 3), dropped, unread, notes },
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
