import type { Command } from 'commander';
import { OptionError } from '../../index.ts';
import type { DuckdbOptions } from '../../node.ts';
import { integer, oneOf, text } from './arguments.ts';
import { add } from './command.ts';

/** What holds and filters the interactions in the place of memory. */
export type EngineOptions = Pick<DuckdbOptions, 'memoryMb' | 'spillFolder'>;

interface EngineArguments {
  readonly engine?: (typeof ENGINES)[number];
  readonly engineMemory?: number;
  readonly spill?: string;
}

const ENGINES = ['memory', 'duckdb'] as const;

/** Options of `EngineOptions`. */
export function addEngineOptions(command: Command): void {
  const engines = 'what holds and filters them: memory (default) | duckdb, which spills to the disk';
  add(command, '--engine <name>', engines, oneOf('--engine', ENGINES));
  const memory = 'of --engine duckdb, before it spills (default: 512)';
  add(command, '--engine-memory <MB>', memory, integer('--engine-memory', 64), undefined, ['memoryMb']);
  const spill = 'of --engine duckdb: spill into this folder (default: that of temporary files)';
  add(command, '--spill <folder>', spill, text('--spill'), undefined, ['spillFolder']);
}

/** What the flags of `addEngineOptions` say. @throws {OptionError} for flags of an engine that is not asked for */
export function engineOptions(command: Command, only?: 'duckdb'): EngineOptions | undefined {
  const { engine = only, engineMemory, spill } = command.opts<EngineArguments>();
  if (only !== undefined && engine !== only)
    throw new OptionError('--engine', `expected ${only}, received ${engine}`, 'Leave it out');
  if (engine === 'duckdb')
    return {
      ...(engineMemory !== undefined && { memoryMb: engineMemory }),
      ...(spill !== undefined && { spillFolder: spill }),
    };
  const unread = engineMemory !== undefined ? '--engine-memory' : spill !== undefined ? '--spill' : null;
  if (unread === null) return undefined;
  throw new OptionError(
    unread,
    'expected --engine duckdb beside it, received none',
    'Add it, or leave this out',
  );
}
