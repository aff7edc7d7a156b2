import type { Command } from 'commander';
import { parseShard, type Shard } from '../../embedders.ts';
import { OptionError, shown } from '../../index.ts';
import { DEFAULT_QUEUE, type QueueOptions, type ShardedCommand } from '../queue/flow.ts';
import { integer, text } from './arguments.ts';
import { add } from './command.ts';
import type { CommandLine } from './commandLine.ts';

/** Where a queue is. */
export function addQueueOptions(command: Command): void {
  const address = 'a queue of jobs in this Redis, e.g. redis://127.0.0.1:6379';
  add(command, '--redis <url>', address, text('--redis'));
  add(command, '--queue <name>', `of --redis (default: ${DEFAULT_QUEUE})`, text('--queue'));
}

/** Parts of a command: one by hand, all in a queue, or joining them. */
export function addShardOptions(command: Command, what: string): void {
  add(command, '--shard <n/N>', `only this part of ${what}, e.g. 3/16, to be merged`, text('--shard'));
  const parts = 'all parts, as jobs of --redis; without it the part that JOB_COMPLETION_INDEX says, from 0';
  add(command, '--shards <n>', parts, integer('--shards', 1));
  command.option('--merge <files...>', 'join the files of all parts, which are checked to belong together');
  addQueueOptions(command);
}

interface ShardArguments {
  readonly shard?: string;
  readonly shards?: number;
  readonly merge?: string[];
  readonly redis?: string;
  readonly queue?: string;
}

/** Which part of a command is meant, and where it is worked on. */
export interface ShardOptions {
  readonly shard: Shard | null;
  readonly merge: readonly string[] | null;
  /** all parts, in a queue */
  readonly queued: (Pick<ShardedCommand, 'shards'> & QueueOptions) | null;
}

/** What the flags of `addShardOptions` say. @throws {OptionError} for flags that do not go together */
export function shardOptions(command: Command): ShardOptions {
  const { shard, shards, merge = null, redis, queue } = command.opts<ShardArguments>();
  const given = { '--shard': shard, '--shards': shards, '--merge': merge ?? undefined };
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length > 1) refuse(names[0], `expected no ${names[1]} beside it, received both`, 'Leave one out');
  if (redis !== undefined && shards === undefined)
    refuse(
      '--redis',
      'expected --shards beside it, received none',
      'Say how many jobs there are, e.g. --shards 8',
    );
  if (queue !== undefined && redis === undefined)
    refuse('--queue', 'expected --redis beside it, received none', 'Add it, or leave this out');
  if (shards !== undefined && redis !== undefined)
    return { shard: null, merge, queued: { shards, redis, queue: queue ?? DEFAULT_QUEUE } };
  if (shards !== undefined) return { shard: indexed(shards), merge, queued: null };
  return { shard: shard === undefined ? null : parseShard(shard), merge, queued: null };
}

/** The part that Kubernetes says: the index of a pod of an indexed job. */
function indexed(of: number): Shard {
  const index = process.env.JOB_COMPLETION_INDEX;
  if (index !== undefined && /^\d{1,6}$/.test(index) && Number(index) < of)
    return { number: Number(index) + 1, of };
  const received = index === undefined ? 'none' : shown(index);
  return refuse(
    '--shards',
    `expected --redis beside it, or JOB_COMPLETION_INDEX from 0 to ${of - 1} in the environment, received ${received}`,
    'Name a queue with --redis, or one part with --shard',
  );
}

/** The command line of all parts: without what says which part it is, and where it goes. */
export function sharedLine(command: Command, line: CommandLine): string[] {
  const own = ['shard', 'shards', 'merge', 'redis', 'queue', 'out'];
  const options = [...line.options].filter(([name]) => !own.includes(name));
  return [command.name(), ...options.flatMap(([, { option, texts }]) => [option.long!, ...texts])];
}

function refuse(flag: string, problem: string, remedy: string): never {
  throw new OptionError(flag, problem, remedy);
}
