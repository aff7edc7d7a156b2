import { setImmediate } from 'node:timers/promises';
import { Interrupted } from './errors.ts';

type Signal = 'SIGINT' | 'SIGTERM';

/** Who listens to Ctrl-C now. */
const listeners = new Set<(signal: Signal) => void>();

/** What ended the job that runs now. */
let interrupted: Interrupted | null = null;

/**
 * Runs `job` with a signal that Ctrl-C (or SIGTERM) aborts with `Interrupted`. A second Ctrl-C ends the process at
 * once, as if nobody listened.
 */
export async function interruptible<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (signal: Signal) => {
    release();
    interrupted = new Interrupted(signal);
    controller.abort(interrupted);
  };
  const release = () => {
    ignore(stop);
    listeners.delete(stop);
  };
  listeners.add(stop);
  listen(stop);
  try {
    return await job(controller.signal);
  } finally {
    release();
    interrupted = null;
  }
}

/**
 * Work that holds the event loop: Ctrl-C ends the process at once meanwhile, as if nobody listened, since no listener
 * would be called before the end of it. For work that leaves nothing half written.
 *
 * @throws {Interrupted} for a Ctrl-C that came while the loop was held before
 */
export async function atOnce<T>(work: () => T): Promise<T> {
  // A signal that has come already is handed out in the loop's next turn, and to nobody where nobody listens then. The first
  // of the two ends the turn that is under way.
  await setImmediate();
  await setImmediate();
  if (interrupted) throw interrupted;
  const quiet = [...listeners];
  quiet.forEach(ignore);
  try {
    return work();
  } finally {
    for (const stop of quiet) if (listeners.has(stop)) listen(stop);
  }
}

function listen(stop: (signal: Signal) => void): void {
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function ignore(stop: (signal: Signal) => void): void {
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
}
