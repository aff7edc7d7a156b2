import type { Command } from 'commander';
import { integer, text } from '../args/arguments.ts';
import { add } from '../args/command.ts';
import { addQueueOptions } from '../args/queueOptions.ts';
import { interruptible } from '../interrupt.ts';
import { progressTo } from '../progress.ts';
import { DEFAULT_QUEUE } from '../queue/flow.ts';
import { type WorkerSettings, work } from '../queue/worker.ts';

const HELP = `
Works on the jobs that embed --shards and train --shards put into a queue (BullMQ on Redis: npm install bullmq ioredis), until
Ctrl-C. Files are named as the command that made the jobs names them: start workers in the same folder, or name
files by paths that mean the same on every machine. Whoever may write to the queue has files read and written here.

Example:
  $ llminit worker --redis redis://queue.internal:6379 &
  $ llminit embed --items items.csv --embedder transformers --shards 8 --redis redis://queue.internal:6379 --out v.safetensors
`;

/** Adds the command `worker`. */
export function addWorker(program: Command): void {
  const command = program.command('worker').description('work on parts of commands that a queue holds');
  addQueueOptions(command);
  add(command, '--concurrency <n>', 'jobs at a time', integer('--concurrency', 1), 1);
  const lost = 'without a sign of a worker for so long its jobs go to others';
  add(command, '--lost-after <s>', lost, integer('--lost-after', 1), 30);
  command.option('--quiet', 'say nothing on stderr');
  command.addHelpText('after', HELP);
  command.action(() =>
    interruptible((signal) => {
      const {
        queue = DEFAULT_QUEUE,
        quiet,
        ...settings
      } = command.opts<WorkerSettings & { quiet?: boolean }>();
      text('--redis')(settings.redis ?? '');
      return work({ ...settings, queue }, progressTo(process.stderr, quiet ?? false), signal);
    }),
  );
}
