import { Interrupted } from './errors.ts';

/**
 * Runs `job` with a signal that Ctrl-C (or SIGTERM) aborts with `Interrupted`. A second Ctrl-C ends the process at
 * once, as if nobody listened.
 */
export async function interruptible<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (signal: 'SIGINT' | 'SIGTERM') => {
    release();
    controller.abort(new Interrupted(signal));
  };
  const release = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await job(controller.signal);
  } finally {
    release();
  }
}
