import { stat } from 'node:fs/promises';
import type { Shard } from '../embedders.ts';
import { OptionError } from '../index.ts';
import { writeAtomic } from '../node.ts';
import type { PreparedTraining } from '../recipe/train.ts';
import type { OutputOptions } from './args/command.ts';
import type { ShardOptions } from './args/queueOptions.ts';
import { print, printJson } from './output.ts';
import { progressTo, trainingProgress } from './progress.ts';
import { type QueueOptions, runInQueue, type ShardedCommand } from './queue/flow.ts';
import type { Session } from './session.ts';
import type { Recipe } from './trainSafely.ts';
import { VERSION } from './version.ts';

/** @throws {OptionError} for parts of a training whose items are not solved apart, and beside a checkpoint */
export function checkParts(
  { shard, merge, queued }: ShardOptions,
  recipe: Recipe,
  checkpoint?: string,
): void {
  const flag = shard ? '--shard' : merge ? '--merge' : queued ? '--shards' : null;
  if (flag === null) return;
  if (recipe.model !== 'l3ae') {
    const problem = `expected --model l3ae beside it, received ${recipe.model ?? 'none'}`;
    throw new OptionError(flag, problem, 'The items of other models are not solved apart');
  }
  if (checkpoint !== undefined)
    throw new OptionError(flag, 'expected no --checkpoint beside it, received both', 'Leave it out');
}

/** Solves one part of the items and writes its file. */
export async function trainPart(
  prepared: PreparedTraining,
  out: string,
  shard: Shard,
  { progress, signal }: Session,
  { json }: OutputOptions,
): Promise<void> {
  const { number, of } = shard;
  const onProgress = trainingProgress(progress, `shard ${number}/${of}`);
  const bytes = await prepared.itemShard(shard, { signal, onProgress }).finally(progress.end);
  await writeAtomic(out, bytes);
  if (json) printJson({ command: 'train', version: VERSION, out, bytes: bytes.length, shard });
  else
    print(
      `wrote ${out}: the items of shard ${number}/${of} (${bytes.length} bytes), to be joined with --merge`,
    );
}

/** Trains in parts, which the workers of a queue do. */
export async function trainInQueue(
  command: ShardedCommand & QueueOptions,
  { json, quiet }: OutputOptions,
  signal: AbortSignal,
): Promise<void> {
  const { out, shards } = command;
  await runInQueue(command, command, progressTo(process.stderr, quiet), signal);
  const { size } = await stat(out);
  if (json) printJson({ command: 'train', version: VERSION, out, bytes: size, shards });
  else
    print(`wrote ${out} (${size} bytes) from ${shards} shards; llminit inspect ${out} tells what it reached`);
}
