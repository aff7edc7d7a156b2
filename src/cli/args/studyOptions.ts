import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { HTTP_CHAT_OPTIONS } from '../../chat/httpOptions.ts';
import { RERANK_CASES_OPTIONS } from '../../chat/rerank/cases.ts';
import { RERANKER_OPTIONS } from '../../chat/rerank/options.ts';
import { MODELS, type ModelName, OptionError, type Protocol } from '../../index.ts';
import { DEFAULT_DIM } from '../../init/options.ts';
import { FIT_OPTIONS } from '../../train/fitOptions.ts';
import { integer, listOf, text } from './arguments.ts';
import { addChatOptions, type ChatOptions, chatOptions, type RerankSettings } from './chatOptions.ts';
import { add } from './command.ts';
import { addDescribed, describedValues, longFlag } from './described.ts';
import { INIT_NAMES, type InitName } from './initNames.ts';
import { initsOf, modelsOf, protocolNames } from './options.ts';

/** What a study runs, as the command line says it. */
export interface StudyOptions {
  readonly seeds: number[];
  readonly protocol: Protocol[];
  readonly models: ModelName[];
  readonly inits?: InitName[];
  readonly baselines: boolean;
  readonly dim: number;
  readonly dims: number[];
  readonly batch: number;
  readonly epochs: number;
}

/** To see that a study runs: what is not given is small. The figures say nothing. */
const QUICK = { seeds: [0], dim: 16, dims: [8, 16], batch: 512, epochs: 2 } as const;

/** What the flags of `addStudyOptions` say. */
export function studyOptions(command: Command): StudyOptions {
  const { quick, ...given } = command.opts<StudyOptions & { readonly quick?: boolean }>();
  if (!quick) return given;
  const byDefault = Object.entries(QUICK).filter(
    ([name]) => command.getOptionValueSource(name) === 'default',
  );
  return { ...given, ...Object.fromEntries(byDefault) };
}

/** How the rows of `table2` that ask a chat model ask it. Survives `postMessage`. */
export interface ChatPlan {
  readonly chat: ChatOptions;
  readonly settings: RerankSettings;
  /** People whose candidates are re-ranked, of validation and of test. */
  readonly users: number;
  /** People whose edges and profiles are asked for; undefined for all. */
  readonly augmentUsers?: number;
  /** Attributes of items that are asked for. */
  readonly attributes: readonly string[];
}

/** Adds the flags of `StudyOptions`, and `--workers`. */
export function addStudyOptions(command: Command): void {
  command.optionsGroup('Study:');
  const seeds = listOf('--seeds', integer('--seeds', 0));
  add(command, '--seeds <list>', 'of split, initialisation, training', seeds, [0, 1, 2, 3, 4]);
  const protocols = listOf('--protocol', protocolNames);
  add(command, '--protocol <list>', 'standard, paper or both', protocols, ['standard' as const]);
  const models = listOf('--models', modelsOf('--models'));
  const usual: ModelName[] = ['lightgcn', 'sgl', 'sgcl'];
  add(command, '--models <list>', MODELS.join(', '), models, usual);
  const inits = listOf('--inits', initsOf('--inits'));
  add(command, '--inits <list>', `only these: ${INIT_NAMES.join(', ')}`, inits);
  command.option(
    '--no-baselines',
    'leave out the models without epochs: popularity, item-knn, ease, text-only and l3ae',
  );
  add(command, '--dim <n>', 'width of the tables', integer('--dim', 1), DEFAULT_DIM);
  add(command, '--dims <list>', 'of figure1', listOf('--dims', integer('--dims', 1)), [32, 64, 128, 256]);
  const { batchSize, epochs } = FIT_OPTIONS;
  add(command, '--batch <n>', 'interactions per update', integer('--batch', 1), batchSize.default);
  add(command, '--epochs <n>', 'at most', integer('--epochs', 1), epochs.default);
  command.option(
    '--quick',
    'one seed, narrow tables and two epochs, to see that it runs: figures say nothing',
  );
  add(command, '--workers <n>', 'runs at a time', integer('--workers', 1), availableParallelism());
}

const { users: USERS } = RERANK_CASES_OPTIONS;
const RERANK = { ...RERANKER_OPTIONS, users: USERS };

/** Adds the flags of a chat model for the rows of `table2` that ask one. */
export function addStudyChat(command: Command): void {
  command.optionsGroup('Rows of table2 that ask a chat model:');
  addDescribed(command, RERANK);
  const people = 'people about whom LLMRec asks (default: all)';
  add(command, '--augment-users <n>', people, integer('--augment-users', 1));
  const names = listOf('--attributes', text('--attributes'));
  add(command, '--attributes <list>', 'of items that LLMRec asks for: material,occasion', names);
  addChatOptions(command);
}

interface ChatArguments {
  readonly augmentUsers?: number;
  readonly attributes?: string[];
  readonly chatCache?: string;
}

/** What the flags of `addStudyChat` say; null without a chat model. @throws {OptionError} for flags that nothing reads */
export function studyChat(command: Command, experiments: readonly string[]): ChatPlan | null {
  const args = command.opts<ChatArguments>();
  const own = describedValues(command.opts(), RERANK) as RerankSettings & { readonly users?: number };
  const http = describedValues(command.opts(), HTTP_CHAT_OPTIONS);
  const flags = [
    ...Object.keys(http).map((name) => longFlag(HTTP_CHAT_OPTIONS[name as keyof typeof HTTP_CHAT_OPTIONS])),
    ...Object.keys(own).map((name) => longFlag(RERANK[name as keyof typeof RERANK])),
    ...(args.chatCache === undefined ? [] : ['--chat-cache']),
    ...(args.augmentUsers === undefined ? [] : ['--augment-users']),
    ...(args.attributes === undefined ? [] : ['--attributes']),
  ];
  if (flags.length === 0) return null;
  if (!experiments.includes('table2')) {
    const problem = `expected table2 beside it, received ${experiments.join(', ')}`;
    throw new OptionError(flags[0], problem, 'Leave it out: no other experiment asks a chat model');
  }
  const { users = USERS.default, ...settings } = own;
  const { augmentUsers, attributes = [] } = args;
  return { chat: chatOptions(command, flags[0]), settings, users, augmentUsers, attributes };
}
