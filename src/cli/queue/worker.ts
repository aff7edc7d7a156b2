import { spawn } from 'node:child_process';
import type { Worker } from 'bullmq';
import { isLlminitError } from '../../errors.ts';
import type { Progress } from '../progress.ts';
import type { JobData, QueueOptions } from './flow.ts';
import { connectRedis, loadQueue, type QueueModules, redisFault, redisName } from './redis.ts';

/** How a worker works. */
export interface WorkerSettings extends QueueOptions {
  /** Jobs at a time, each in a process of its own. */
  readonly concurrency: number;
  /** Seconds without a sign of a worker after which another one takes its jobs. */
  readonly lostAfter: number;
}

/** Commands that come in parts. */
const COMMANDS = ['embed', 'train'];
/** How often the jobs of workers that were lost are taken up by others. */
const MOST_LOSSES = 20;
/** For how long Redis may be gone. */
const PATIENCE_MS = 600_000;

/**
 * Works on the jobs of a queue until the signal aborts. A job that is under way then goes to another worker, as that of a
 * worker that was killed.
 * @throws {DataError} where Redis is absent or refuses, or stays away
 */
export async function work(settings: WorkerSettings, progress: Progress, signal: AbortSignal): Promise<void> {
  const modules = await loadQueue();
  const redis = await connectRedis(modules, settings.redis, PATIENCE_MS);
  const name = redisName(settings.redis);
  let worker: Worker | null = null;
  try {
    await new Promise<void>((_, reject) => {
      const ms = 1000 * settings.lostAfter;
      worker = new modules.bullmq.Worker<JobData>(
        settings.queue,
        async (job) => {
          progress.line(`${job.name} begins`);
          const done = await runJob(modules, job.data, signal);
          progress.line(`${job.name} is done`);
          return done;
        },
        {
          connection: redis,
          concurrency: settings.concurrency,
          ...{ lockDuration: ms, stalledInterval: ms, maxStalledCount: MOST_LOSSES },
        },
      );
      worker.on('failed', (job, error) => progress.line(`${job?.name ?? 'a job'} failed: ${error.message}`));
      worker.on('error', (error) => progress.line(`${name}: ${error.message}`));
      redis.once('end', () => reject(redisFault(name, new Error('a connection that ended'))));
      signal.addEventListener('abort', () => reject(signal.reason));
      progress.line(`waiting for jobs of ${settings.queue} at ${name}`);
    });
  } catch (error) {
    throw isLlminitError(error) || signal.aborted ? error : redisFault(name, error);
  } finally {
    await (worker as Worker | null)?.close(true).catch(() => undefined);
    redis.disconnect();
  }
}

/**
 * Runs a job in a process of its own, so that this one gives its sign of life whatever the job computes.
 * @throws what the command said, when it failed or is none that comes in parts
 */
function runJob({ bullmq }: QueueModules, { argv }: JobData, signal: AbortSignal): Promise<string> {
  const isPart = argv.includes('--shard') || argv.includes('--merge');
  if (!COMMANDS.includes(argv[0]) || !isPart || argv.some((word) => /^--redis(=|$)/.test(word)))
    throw new bullmq.UnrecoverableError(`expected a part of ${COMMANDS.join(' or ')}, received ${argv[0]}`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [process.argv[1], ...argv, '--json', '--quiet'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGTERM',
    });
    const text = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (part: string) => {
        text[stream] += part;
      });
    child.on('error', reject);
    child.on('close', (code, killed) => {
      const said = text.stderr.trim().split('\n').pop() || `an end by ${killed ?? code}`;
      if (code === 0) resolve(text.stdout);
      // Input that cannot be used does not become better by another try.
      else reject(code === 1 || code === 2 ? new bullmq.UnrecoverableError(said) : new Error(said));
    });
  });
}
