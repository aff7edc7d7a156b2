import { shown } from '../errors.ts';
import { callback, integer } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { compileThreadedKernels } from './inlinedThreads.ts';
import { LOAD_OPTIONS, load, Runtime } from './load.ts';
import { ThreadPool } from './threads.ts';

/**
 * Options of `loadThreads`.
 *
 * @example
 * const options: LoadThreadsOptions = { threads: 2, onFallback: (reason) => console.warn(reason) };
 * const runtime = await loadThreads(options);
 */
export interface LoadThreadsOptions {
  /** Threads that compute, the calling one included. Default: the cores that the host reports, 8 at most. */
  readonly threads?: number;
  /** As in `load`. */
  readonly maxMemoryBytes?: number;
  /** Told why there is one thread only. Default: `console.warn`, once. */
  readonly onFallback?: (reason: string) => void;
}

/** More than any machine has cores for; a host that is asked for many thousands ends the process. */
export const MOST_THREADS = 256;

const THREAD_OPTIONS = {
  threads: integer({ about: 'threads that compute', min: 1, max: MOST_THREADS }),
  maxMemoryBytes: LOAD_OPTIONS.maxMemoryBytes,
  onFallback: callback<(reason: string) => void>('told why there is one thread only'),
} satisfies DescriptorsOf<LoadThreadsOptions>;

let warned = false;

/**
 * A runtime whose large kernels share their rows among threads; the bytes are those of one thread. Where the host
 * has no shared memory or no workers (an edge host, Bun, a page that is not cross-origin isolated) it computes with
 * one thread, and says so once.
 *
 * Call `runtime.close()` when the threads are no longer needed.
 * @throws {OptionError} unless `threads` is an integer from 1 to 256
 * @example
 * const runtime = await loadThreads({ threads: 2, onFallback: console.log });
 * const trained = await train({ split }, { model: 'lightgcn', dim: 8, epochs: 2, runtime });
 */
export async function loadThreads(options: LoadThreadsOptions = {}): Promise<Runtime> {
  const resolved = resolveOptions(THREAD_OPTIONS, options, 'loadThreads');
  const { threads = Math.min(8, cores()), maxMemoryBytes, onFallback } = resolved;
  if (threads === 1) return load({ maxMemoryBytes });
  try {
    if (typeof SharedArrayBuffer === 'undefined') throw new Error('SharedArrayBuffer is not available');
    // In about one run of a hundred, a Bun 1.4 worker ends while it computes.
    if ('Bun' in globalThis) throw new Error('workers of Bun do not last');
    const module = await compileThreadedKernels();
    return new Runtime(module, maxMemoryBytes, await ThreadPool.start(threads, module));
  } catch (error) {
    const reason = `llminit computes with one thread: ${error instanceof Error ? error.message : shown(error)}`;
    if (onFallback) onFallback(reason);
    else if (!warned) console.warn(reason);
    warned = true;
    return load({ maxMemoryBytes });
  }
}

/** The cores that the host reports; Node 20 has no `navigator`. */
function cores(): number {
  const { process, navigator } = globalThis as {
    process?: { getBuiltinModule?(name: 'node:os'): { availableParallelism(): number } | undefined };
    navigator?: { hardwareConcurrency?: number };
  };
  return (
    process?.getBuiltinModule?.('node:os')?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 2
  );
}
