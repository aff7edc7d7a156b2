import { BudgetError, OptionError, shown, UnsupportedError } from '../errors.ts';
import { instance } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { checkConstants } from './constants.ts';
import type { KernelExports } from './kernelExports.ts';
import { compileRefusal, memoryRefusal } from './refusals.ts';
import { sharedMemory } from './sharedMemory.ts';
import type { ThreadPool } from './threads.ts';
import { countBytes, Workspace } from './workspace.ts';

/** The most that one 32-bit memory can hold. */
const MAX_MEMORY_BYTES = 2 ** 32 - 65536;

/**
 * Options of `load`.
 *
 * @example
 * const options: LoadOptions = { maxMemoryBytes: 2 ** 28 };
 * const runtime = await load(options);
 */
export interface LoadOptions {
  /**
   * The kernels, when the host does not allow compiling them from bytes (Cloudflare Workers):
   * `import module from 'llminit/kernels.wasm'`. Default: the copy inlined in this package.
   */
  module?: WebAssembly.Module;
  /** The most memory one job may use, in bytes. Default: what 32-bit WebAssembly allows, 4 GiB. */
  maxMemoryBytes?: number;
}

/**
 * The compiled kernels. One runtime serves any number of jobs; each job opens a workspace of its own, whose
 * memory is freed with it.
 *
 * @example
 * const runtime: Runtime = await load({ maxMemoryBytes: 2 ** 30 });
 * runtime.maxMemoryBytes; // → 1073741824
 */
export class Runtime {
  readonly module: WebAssembly.Module;
  readonly maxMemoryBytes: number;
  readonly #pool: ThreadPool | null;

  /** `load` and `loadSync` make runtimes. */
  constructor(module: WebAssembly.Module, maxMemoryBytes?: number);
  /** @internal @param pool threads for the large kernels; `module` is then the shared-memory build (`loadThreads`) */
  constructor(module: WebAssembly.Module, maxMemoryBytes: number | undefined, pool: ThreadPool | null);
  constructor(module: WebAssembly.Module, maxMemoryBytes = MAX_MEMORY_BYTES, pool: ThreadPool | null = null) {
    const names = exportNames(module);
    if (!names.includes('heap_base')) {
      throw new OptionError(
        'load',
        `expected the kernels of llminit, received a module with ${names.length} other exports`,
        "Import it from 'llminit/kernels.wasm' of the same version",
      );
    }
    if (!(typeof maxMemoryBytes === 'number' && maxMemoryBytes > 0 && maxMemoryBytes <= MAX_MEMORY_BYTES)) {
      throw new OptionError(
        'load',
        `expected maxMemoryBytes in 1 … ${MAX_MEMORY_BYTES}, received ${shown(maxMemoryBytes)}`,
        'Leave it out to use all that WebAssembly allows',
        'maxMemoryBytes',
      );
    }
    checkConstants(instantiate(module, pool ? sharedMemory(65536) : null));
    this.module = module;
    this.maxMemoryBytes = maxMemoryBytes;
    this.#pool = pool;
  }

  /** Threads that compute, the calling one included. */
  get threads(): number {
    return this.#pool?.size ?? 1;
  }

  /** Ends the threads; nothing to do without them. Workspaces of this runtime must not be used any more. */
  close(): void {
    this.#pool?.terminate();
  }

  /**
   * @internal
   * A job in a memory of its own, which is closed however the job ends. What `layout` allocates is counted first, so that the
   * job does not start where there is no room for it.
   * @param layout allocates what the job computes in and reads nothing of it
   * @throws {BudgetError} before the job starts, when it needs more than `maxMemoryBytes` or the host has
   */
  use<M, T>(
    name: string,
    layout: (workspace: Workspace) => M,
    job: (memory: M, workspace: Workspace) => T,
  ): T {
    const workspace = this.open(countBytes(layout, this.threads), name);
    let result: T;
    try {
      result = job(layout(workspace), workspace);
    } catch (error) {
      workspace.close();
      throw error;
    }
    if (result instanceof Promise) return result.finally(() => workspace.close()) as T;
    workspace.close();
    return result;
  }

  /**
   * @internal
   * A fresh memory with its kernels, for whom `use` does not fit; it is to be closed.
   * @param requiredBytes what the job will allocate, as far as it is known beforehand
   * @throws {BudgetError} when that is more than `maxMemoryBytes`, and when the host has no memory left
   */
  open(requiredBytes = 0, job = 'this job'): Workspace {
    this.#checkLimit(requiredBytes, job);
    let workspace: Workspace;
    try {
      const memory = this.#pool ? sharedMemory(this.maxMemoryBytes, requiredBytes) : null;
      const exports = Object.setPrototypeOf({ ...instantiate(this.module, memory) }, ABSENT);
      workspace = new Workspace(exports as KernelExports, this.maxMemoryBytes, this.#pool);
    } catch (error) {
      throw memoryRefusal(job, error);
    }
    try {
      this.#checkLimit(workspace.usedBytes + requiredBytes, job);
      workspace.reserve(requiredBytes);
    } catch (error) {
      workspace.close();
      throw error;
    }
    return workspace;
  }

  #checkLimit(bytes: number, job: string): void {
    if (bytes <= this.maxMemoryBytes) return;
    throw new BudgetError(
      job,
      `needs ${bytes} bytes of memory, the limit is ${this.maxMemoryBytes}`,
      'Lower dim or the number of users and items (a higher k-core), or raise maxMemoryBytes',
      'maxMemoryBytes',
    );
  }
}

/** Stands behind the exports of an instance: what asks for a kernel that they do not have asks here. */
const ABSENT = /* @__PURE__ */ new Proxy(
  {},
  {
    get(_, kernel) {
      // Whoever prints an object asks for more.
      if (typeof kernel !== 'string' || !kernel.includes('_')) return undefined;
      throw new UnsupportedError(
        'load',
        `expected all kernels, received those for serving, without ${kernel}`,
        "Pass a runtime by load of 'llminit', or none",
      );
    },
  },
);

/** The exports of an instance over its own memory, or over one that threads share. */
function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory | null): WebAssembly.Exports {
  return new WebAssembly.Instance(module, memory ? { env: { memory } } : {}).exports;
}

/**
 * A test by `instanceof` would refuse a module of another realm, such as Next.js hands to its edge sandbox.
 * @throws {OptionError} when it is no module
 */
function exportNames(module: WebAssembly.Module): string[] {
  try {
    return WebAssembly.Module.exports(module).map(({ name }) => name);
  } catch {
    throw new OptionError(
      'load',
      `expected a WebAssembly.Module, received ${shown(module)}`,
      'Compile the bytes first',
    );
  }
}

/** Every option of `load`; `Runtime` checks their values. */
export const LOAD_OPTIONS = {
  module: instance<WebAssembly.Module>('a WebAssembly.Module', () => true, {
    about: 'the kernels, compiled',
  }),
  maxMemoryBytes: instance<number>('a number of bytes', () => true, { about: 'the most memory of one job' }),
} satisfies DescriptorsOf<LoadOptions>;

/** What options of `load` ask for. @param shared gives the runtime of a call without options */
export async function runtimeFor(options: LoadOptions, shared: () => Promise<Runtime>): Promise<Runtime> {
  resolveOptions(LOAD_OPTIONS, options, 'load');
  if (options.module) return new Runtime(options.module, options.maxMemoryBytes);
  const runtime = await shared();
  return options.maxMemoryBytes === undefined ? runtime : new Runtime(runtime.module, options.maxMemoryBytes);
}

/** @throws {UnsupportedError} when the host does not compile */
export async function compiled(compile: () => Promise<WebAssembly.Module>): Promise<Runtime> {
  try {
    return new Runtime(await compile());
  } catch (error) {
    throw compileRefusal(error);
  }
}

/**
 * As `load`, without waiting, from a module that is already compiled.
 *
 * @example
 * import kernels from './kernels.wasm';
 *
 * const recommender = new Recommender(model, loadSync(kernels));
 */
export function loadSync(module: WebAssembly.Module, options: { maxMemoryBytes?: number } = {}): Runtime {
  resolveOptions({ maxMemoryBytes: LOAD_OPTIONS.maxMemoryBytes }, options, 'loadSync');
  return new Runtime(module, options.maxMemoryBytes);
}
