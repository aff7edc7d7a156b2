import { parentPort } from 'node:worker_threads';
import { load } from '../../../index.ts';
import type { Order, Report, WorkerSetup } from './pool.ts';
import type { OpenRunner } from './runner.ts';
import { RUNNERS } from './runners.ts';
import { sent } from './threadError.ts';

/** The life of a worker thread: opens its runner once, then does one task after another. */
export async function serveTasks({ runner: name, source, maxProcessBytes }: WorkerSetup): Promise<void> {
  const report = (message: Report<unknown>) => parentPort!.postMessage(message);
  try {
    const open = RUNNERS[name] as OpenRunner<unknown, unknown, unknown>;
    const run = await open(source, { runtime: await load(), maxProcessBytes });
    const { signal } = new AbortController();
    parentPort!.on('message', async ({ index, task }: Order) => {
      try {
        const result = await run(task, {
          ...{ label: '', signal },
          onProgress(event) {
            // Batches and shares would be more messages than anybody reads.
            if (event.fit?.kind === 'epoch') report({ kind: 'progress', index, event });
          },
        });
        report({ kind: 'done', index, result });
      } catch (error) {
        report({ kind: 'failed', index, error: sent(error) });
      }
    });
    report({ kind: 'ready' });
  } catch (error) {
    report({ kind: 'failed', index: null, error: sent(error) });
  }
}
