import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowProducer, Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { DataError, isLlminitError } from '../../errors.ts';
import { Interrupted } from '../errors.ts';
import type { Progress } from '../progress.ts';
import { connectRedis, loadQueue, type QueueModules, redisFault, redisName } from './redis.ts';

/** Where jobs are put. */
export interface QueueOptions {
  readonly redis: string;
  readonly queue: string;
}

/** A command in parts: one job for each, and one that joins what they wrote. */
export interface ShardedCommand {
  /** The command line of all parts: its name and flags, without --out and --shard. */
  readonly argv: readonly string[];
  readonly shards: number;
  /** What the joined parts are written to. */
  readonly out: string;
}

/** What a job is: a command line of this program, without its own name. */
export interface JobData {
  readonly argv: readonly string[];
}

export const DEFAULT_QUEUE = 'llminit';

/** Between two looks at the jobs. */
const LOOK_MS = 300;
/** For how long Redis may be gone. */
const PATIENCE_MS = 30_000;
const ATTEMPTS = 3;

type Named = { readonly name: string; readonly job: Job };

/**
 * Puts the parts of a command into a queue as a flow of BullMQ, the jobs of the parts below the one that joins them, and
 * waits for its end. What the parts wrote is in `out`.parts until it is joined.
 *
 * @throws {UnsupportedError} without the packages
 * @throws {DataError} where Redis is absent, refuses, or has lost a job; where a job has failed, saying which and why
 */
export async function runInQueue(
  command: ShardedCommand,
  options: QueueOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const modules = await loadQueue();
  const redis = await connectRedis(modules, options.redis, PATIENCE_MS);
  const parts = `${command.out}.parts`;
  try {
    await mkdir(parts, { recursive: true });
    const flow = new modules.bullmq.FlowProducer({ connection: redis });
    const { whole, shards } = await addFlow(flow, command, parts, options.queue);
    progress.line(`${shards.length} jobs and one that joins them are in the queue ${options.queue}`);
    try {
      const watch = new Watch(modules, redis, options.queue);
      const absent = () =>
        progress.line(`no worker is there: llminit worker --redis ${redisName(options.redis)}`);
      await untilDone(watch, whole, shards, absent, progress, signal);
    } finally {
      progress.end();
      // With those below it: done or not, they are of no use to anybody else.
      if (redis.status === 'ready') await whole.job.remove().catch(() => undefined);
    }
    await rm(parts, { recursive: true, force: true });
  } catch (error) {
    if (error instanceof Interrupted)
      throw new Interrupted(error.signal, `the jobs were taken back; ${parts} has what is done`);
    throw isLlminitError(error) || signal.aborted ? error : redisFault(redisName(options.redis), error);
  } finally {
    redis.disconnect();
  }
}

async function addFlow(
  flow: FlowProducer,
  { argv, shards, out }: ShardedCommand,
  parts: string,
  queueName: string,
): Promise<{ whole: Named; shards: Named[] }> {
  const numbers = Array.from({ length: shards }, (_, n) => n + 1);
  const file = (n: number) => join(parts, `${n}-of-${shards}.safetensors`);
  const opts = { attempts: ATTEMPTS, backoff: { type: 'fixed', delay: 200 } };
  const job = (name: string, ...more: string[]) => ({
    name,
    queueName,
    data: { argv: [...argv, ...more] } satisfies JobData,
  });
  const { job: whole, children = [] } = await flow.add({
    ...job('merge', '--merge', ...numbers.map(file), '--out', out),
    opts,
    children: numbers.map((n) => ({
      ...job(`shard ${n}/${shards}`, '--shard', `${n}/${shards}`, '--out', file(n)),
      opts: { ...opts, failParentOnFailure: true },
    })),
  });
  return {
    whole: { name: 'merge', job: whole },
    shards: children.map(({ job: child }) => ({ name: child.name, job: child })),
  };
}

/** Looks at jobs, for as long as Redis answers. */
class Watch {
  readonly #queue: Queue;
  readonly #name: string;
  readonly #gone: Promise<never>;

  constructor({ bullmq }: QueueModules, redis: Redis, name: string) {
    this.#queue = new bullmq.Queue(name, { connection: redis });
    this.#name = name;
    this.#gone = new Promise((_, reject) => {
      redis.once('end', () => reject(new Error('a connection that ended')));
    });
    this.#gone.catch(() => undefined);
  }

  /** @throws {DataError} for a job that has failed, and for one that Redis does not know any more */
  async isDone({ name, job }: Named): Promise<boolean> {
    const state = await this.#answer(job.getState());
    if (state === 'unknown') {
      const problem = `expected the job ${job.id} (${name}) in the queue ${this.#name}, received none: Redis has lost it`;
      const remedy = 'Let Redis keep what it has (maxmemory-policy noeviction), and give the command again';
      throw new DataError('--redis', problem, remedy);
    }
    if (state !== 'failed') return state === 'completed';
    const reason = (await this.#answer(this.#queue.getJob(job.id!)))?.failedReason;
    const problem = `expected ${name} to be done, received ${reason ?? 'a failure without a reason'}`;
    throw new DataError('--redis', problem, 'Mend that, and give the command again');
  }

  workers(): Promise<number> {
    return this.#answer(this.#queue.getWorkersCount());
  }

  /** What Redis answers, unless the connection is given up before. */
  #answer<T>(answer: Promise<T>): Promise<T> {
    return Promise.race([answer, this.#gone]);
  }
}

async function untilDone(
  watch: Watch,
  whole: Named,
  shards: readonly Named[],
  absent: () => void,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const open = new Set(shards);
  let asked = false;
  for (;;) {
    signal.throwIfAborted();
    for (const shard of open) if (await watch.isDone(shard)) open.delete(shard);
    progress.step('shards', shards.length - open.size, shards.length);
    if (await watch.isDone(whole)) return;
    if (!asked && (await watch.workers()) === 0) absent();
    asked = true;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
