import type { Command } from 'commander';
import { OptionError } from '../../index.ts';
import { dataOptions } from '../args/dataOptions.ts';
import { catalogueOptions, vectorOptions } from '../args/itemOptions.ts';
import { type ChatPlan, studyChat, studyOptions } from '../args/studyOptions.ts';
import { chatName } from './chatSystems.ts';
import { type ExperimentName, jobsOf, type Scope } from './experiments.ts';
import { givenSource } from './givenDataset.ts';
import { type Job, jobKey } from './jobs.ts';
import { type DatasetSource, namedSource } from './namedDatasets.ts';
import { refuseUnreadFiles, refuseUnreadValues } from './unreadOptions.ts';

/** All runs of a study, what they read and whom they ask. */
export interface PlannedStudy {
  readonly source: DatasetSource;
  readonly jobs: readonly Job[];
  /** null where no row asks a chat model. */
  readonly chat: ChatPlan | null;
}

/** All runs of the experiments, once each. @throws {OptionError} on options that none of them would read */
export function plannedStudy(experiments: readonly ExperimentName[], command: Command): PlannedStudy {
  refuseUnreadFiles(command);
  const source = studySource(command);
  const chat = studyChat(command, experiments);
  const scope = scopeOf(command, source, chat);
  const jobs = distinct(experiments.flatMap((experiment) => jobsOf(experiment, scope)));
  refuseUnreadValues(command, experiments, jobs);
  return { source, jobs, chat };
}

/** @throws {OptionError} unless one dataset is named, by name or by files */
function studySource(command: Command): DatasetSource {
  const data = dataOptions(command);
  const { dataset, data: folder } = command.opts<{ dataset?: string; data: string }>();
  if ((dataset === undefined) === (data.files.interactions === undefined)) {
    const received = dataset === undefined ? 'neither' : 'both';
    throw new OptionError(
      '--dataset',
      `expected either --dataset or --interactions with --items, received ${received}`,
      'Pass one of them',
    );
  }
  return dataset === undefined
    ? givenSource(data, catalogueOptions(command), vectorOptions(command))
    : namedSource(dataset, folder, data.split.order, vectorOptions(command));
}

/** Both orders and both protocols are those of `table2`, unless some are named. */
function scopeOf(
  command: Command,
  { name: dataset, vectors, data }: DatasetSource,
  chat: ChatPlan | null,
): Scope {
  const { protocol: protocols, inits = null, ...args } = studyOptions(command);
  const { seeds, models, baselines, dim, dims, batch, epochs } = args;
  const { order = 'random' } = data.split;
  return {
    ...{ baselines, dataset, vectors, seeds, protocols, models, order, dims, dim, batch, epochs, inits },
    systems: {
      orders: data.split.order === undefined ? ['random', 'time'] : [order],
      protocols: command.getOptionValueSource('protocol') === 'default' ? ['standard', 'paper'] : protocols,
      ...(chat && { chat: chatName(chat) }),
    },
  };
}

function distinct(jobs: readonly Job[]): Job[] {
  return [...new Map(jobs.map((job) => [jobKey(job), job])).values()];
}
