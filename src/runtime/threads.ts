import { chunkStart, ROW_KERNELS, type RowJob } from './rowJobs.ts';
import { CLOSED, CONTROL, type ThreadMessage, threadBody } from './threadWorker.ts';

/**
 * Bytes of memories that were closed, from which on they are freed: the threads are started anew, since a thread that waits never
 * collects its garbage, and the calling thread is made to collect its own.
 */
export const MOST_CLOSED_BYTES = 2 ** 26;

/** Below this much work a job is done before another thread would be awake. */
const LEAST_WORK = 200_000;

/** A worker of the host: of Node's worker_threads, or a Web Worker. */
interface HostWorker {
  /** Settles when the worker has started, or cannot. */
  readonly ready: Promise<void>;
  post(message: ThreadMessage): void;
  terminate(): void;
}

/**
 * Threads over shared memories. The calling thread works too: it opens a job, takes chunks like the others, closes the
 * job and waits for those that joined. A thread that is late or missing only makes the job slower, never wrong, and
 * since every row is computed by one thread in a fixed order, the bytes do not depend on the number of threads.
 */
export class ThreadPool {
  /** Threads, the calling one included. */
  readonly size: number;
  readonly #module: WebAssembly.Module;
  readonly #start = startHostWorker();
  /** Of the threads that run now: those that were ended see no job of theirs any more. */
  #control!: Int32Array;
  #args!: Float64Array;
  #workers: readonly HostWorker[] = [];
  #workspaces = 0;
  readonly #open = new Map<number, WeakRef<WebAssembly.Memory>>();
  #closedBytes = 0;
  readonly #owners = new FinalizationRegistry<number>((workspace) => this.#forget(workspace));

  /** A pool whose threads have started. @throws when the host cannot start a worker */
  static async start(size: number, module: WebAssembly.Module): Promise<ThreadPool> {
    const pool = new ThreadPool(size, module);
    try {
      await Promise.all(pool.#workers.map(({ ready }) => ready));
    } catch (error) {
      pool.terminate();
      throw error;
    }
    return pool;
  }

  private constructor(size: number, module: WebAssembly.Module) {
    this.size = size;
    this.#module = module;
    this.#startWorkers();
  }

  /** Shows a memory to the threads, until `close` or the end of its owner. @returns the workspace's number */
  open(memory: WebAssembly.Memory, owner: object): number {
    const workspace = ++this.#workspaces;
    this.#owners.register(owner, workspace, owner);
    this.#open.set(workspace, new WeakRef(memory));
    this.#tell({ kind: 'open', workspace, memory });
    return workspace;
  }

  /** Lets the threads forget a memory; a second time changes nothing. */
  close(workspace: number, owner: object): void {
    if (!this.#owners.unregister(owner)) return;
    this.#closedBytes += this.#open.get(workspace)?.deref()?.buffer.byteLength ?? 0;
    this.#forget(workspace);
    // None are left after `terminate`.
    if (this.#closedBytes >= MOST_CLOSED_BYTES && this.#workers.length > 0) this.#renew();
  }

  /** Ends all threads. */
  terminate(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
  }

  #startWorkers(): void {
    const control = new SharedArrayBuffer(CONTROL.bytes);
    this.#control = new Int32Array(control);
    this.#args = new Float64Array(control, CONTROL.argsByte);
    this.#control[CONTROL.state] = CLOSED;
    this.#workers = Array.from({ length: this.size - 1 }, this.#start);
    this.#workers.forEach((worker, n) => {
      worker.post({ kind: 'start', control, module: this.#module, thread: n + 1, kernels: ROW_KERNELS });
    });
    this.#ring();
  }

  /** Starts the threads anew; no job runs meanwhile. Where the host cannot, the calling thread computes alone. */
  #renew(): void {
    this.terminate();
    pressFor(this.#closedBytes);
    this.#closedBytes = 0;
    try {
      this.#startWorkers();
    } catch {
      return;
    }
    for (const { ready } of this.#workers) ready.catch(() => {});
    for (const [workspace, held] of this.#open) {
      const memory = held.deref();
      if (memory) this.#tell({ kind: 'open', workspace, memory });
    }
  }

  #forget(workspace: number): void {
    this.#open.delete(workspace);
    this.#tell({ kind: 'close', workspace });
  }

  /** Whether the job is large enough to be shared. */
  takes(job: RowJob): boolean {
    return job.chunks.count > 1 && job.work >= LEAST_WORK;
  }

  /**
   * Computes all chunks of a job, `run` doing those that fall to the calling thread; returns when all are done.
   * @param memoryBytes present size of the workspace's memory
   */
  run(workspace: number, memoryBytes: number, job: RowJob, run: (begin: number, end: number) => void): void {
    const control = this.#control;
    const { args, chunks, scratch } = job;
    control[CONTROL.count] = chunks.count;
    control[CONTROL.workspace] = workspace;
    control[CONTROL.pages] = memoryBytes / 65536;
    control[CONTROL.kernel] = ROW_KERNELS.indexOf(job.kernel);
    control[CONTROL.argCount] = args.length;
    control[CONTROL.beginAt] = job.beginAt;
    control[CONTROL.chunkRows] = chunks.bounds ? 0 : chunks.rows;
    control[CONTROL.bounds] = chunks.boundsPtr;
    control[CONTROL.total] = chunks.total;
    control[CONTROL.scratchCount] = scratch.length;
    scratch.forEach(([at, bytes], n) => {
      control[CONTROL.scratch + 2 * n] = at;
      control[CONTROL.scratch + 2 * n + 1] = bytes;
    });
    this.#args.set(args);
    Atomics.store(control, CONTROL.next, 0);
    Atomics.store(control, CONTROL.failed, 0);
    Atomics.store(control, CONTROL.state, 0);
    this.#wake();
    try {
      for (let chunk = Atomics.add(control, CONTROL.next, 1); chunk < chunks.count; ) {
        run(chunkStart(chunks, chunk), chunkStart(chunks, chunk + 1));
        chunk = Atomics.add(control, CONTROL.next, 1);
      }
    } finally {
      Atomics.or(control, CONTROL.state, CLOSED);
      // A page's main thread may not block; the wait is at most one chunk long.
      while (Atomics.load(control, CONTROL.state) !== CLOSED);
    }
    if (Atomics.load(control, CONTROL.failed) !== 0)
      throw new Error(`the kernel ${job.kernel} failed in a thread`);
  }

  #tell(message: ThreadMessage): void {
    for (const worker of this.#workers) worker.post(message);
    this.#ring();
  }

  /** Tells the threads that there is one more message. */
  #ring(): void {
    Atomics.add(this.#control, CONTROL.mail, 1);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#control, CONTROL.wake, 1);
    Atomics.notify(this.#control, CONTROL.wake);
  }
}

/**
 * Makes the engine look for garbage soon. It counts no memory that is shared, and so would not be moved to free it; an empty buffer
 * of the same size, which is never written to and so takes none, is counted.
 */
function pressFor(bytes: number): void {
  try {
    new ArrayBuffer(bytes);
  } catch {
    // No room for it: the engine has looked for garbage.
  }
}

interface NodeWorker {
  postMessage(message: unknown): void;
  once(event: 'message' | 'error', listener: (detail: unknown) => void): void;
  terminate(): Promise<unknown>;
  unref(): void;
}

interface NodeProcess {
  getBuiltinModule?(
    name: string,
  ): { Worker: new (source: string, options: { eval: true }) => NodeWorker } | undefined;
}

/** A function that starts one worker of this host. @throws when the host has none */
function startHostWorker(): () => HostWorker {
  const body = `(${threadBody.toString()})`;
  const parameters = `${JSON.stringify(CONTROL)}, ${CLOSED}`;
  const { process } = globalThis as { process?: NodeProcess };
  const threads = process?.getBuiltinModule?.('node:worker_threads');
  if (threads) {
    const source = `const { parentPort } = require('node:worker_threads');
${body}((receive) => parentPort.on('message', receive), () => parentPort.postMessage('ready'), ${parameters});`;
    return () => {
      const worker = new threads.Worker(source, { eval: true });
      const ready = new Promise<void>((resolve, reject) => {
        worker.once('message', () => {
          // From here on the threads alone do not keep the process alive.
          worker.unref();
          resolve();
        });
        worker.once('error', reject);
      });
      return {
        ready,
        post: (message) => worker.postMessage(message),
        terminate: () => void worker.terminate(),
      };
    };
  }
  const listen = '(receive) => { self.onmessage = (event) => receive(event.data); }';
  const source = `${body}(${listen}, () => self.postMessage('ready'), ${parameters});`;
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  return () => {
    const worker = new Worker(url);
    const ready = new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message || 'the page may not start workers'));
    });
    return { ready, post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
  };
}
