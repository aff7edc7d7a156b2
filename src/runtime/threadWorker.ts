/** Places of the control block, in 32-bit words. */
export const CONTROL = {
  wake: 0,
  state: 1,
  next: 2,
  count: 3,
  workspace: 4,
  kernel: 5,
  argCount: 6,
  beginAt: 7,
  chunkRows: 8,
  bounds: 9,
  total: 10,
  scratchCount: 11,
  /** Pairs (argument, bytes from thread to thread), at most 4. */
  scratch: 12,
  mail: 20,
  /** 1 when a kernel threw in a thread. */
  failed: 21,
  /** Pages of the workspace's memory. */
  pages: 22,
  /** Jobs' arguments as float64, from this byte on. */
  argsByte: 128,
  bytes: 512,
} as const;

/** The job takes no further thread; the other bits of `state` count the threads at work. */
export const CLOSED = -0x80000000;

/** What the pool tells a thread. */
export type ThreadMessage =
  | {
      kind: 'start';
      control: SharedArrayBuffer;
      module: WebAssembly.Module;
      thread: number;
      kernels: readonly string[];
    }
  | { kind: 'open'; workspace: number; memory: WebAssembly.Memory }
  | { kind: 'close'; workspace: number };

/**
 * The body of a thread; it is handed over as source text, so it refers to nothing outside itself but its arguments.
 * A thread waits on `wake`, joins the open job if there is one, takes chunks until none is left, and leaves. It goes
 * back to its event loop whenever there is mail.
 */
export function threadBody(
  listen: (receive: (message: ThreadMessage) => void) => void,
  ready: () => void,
  places: typeof CONTROL,
  closed: number,
): void {
  type Kernel = (...args: number[]) => void;
  const instances = new Map<number, { kernels: Record<string, Kernel>; memory: WebAssembly.Memory }>();
  let control: Int32Array = new Int32Array(0);
  let args: Float64Array = new Float64Array(0);
  let names: readonly string[] = [];
  let module: WebAssembly.Module;
  let thread = 0;
  let received = 0;

  function takeChunks(): void {
    const instance = instances.get(control[places.workspace]);
    if (!instance) return;
    const { memory } = instance;
    // A memory that grows while a thread receives it keeps its old size there (V8): kernels that fill or copy a range beyond
    // it would trap. Growing by nothing brings the size up to date.
    if (memory.buffer.byteLength < control[places.pages] * 65536) memory.grow(0);
    const kernel = instance.kernels[names[control[places.kernel]]];
    const values = Array.from(args.subarray(0, control[places.argCount]));
    for (let n = 0; n < control[places.scratchCount]; n++) {
      values[control[places.scratch + 2 * n]] += thread * control[places.scratch + 2 * n + 1];
    }
    const beginAt = control[places.beginAt];
    const count = control[places.count];
    const rows = control[places.chunkRows];
    const bounds = rows ? null : new Int32Array(memory.buffer, control[places.bounds] >>> 0, count + 1);
    for (
      let chunk = Atomics.add(control, places.next, 1);
      chunk < count;
      chunk = Atomics.add(control, places.next, 1)
    ) {
      values[beginAt] = bounds ? bounds[chunk] : chunk * rows;
      values[beginAt + 1] = bounds ? bounds[chunk + 1] : Math.min((chunk + 1) * rows, control[places.total]);
      kernel(...values);
    }
  }

  function join(): void {
    for (;;) {
      const state = Atomics.load(control, places.state);
      if ((state & closed) !== 0) return;
      if (Atomics.compareExchange(control, places.state, state, state + 1) === state) break;
    }
    try {
      takeChunks();
    } catch {
      Atomics.store(control, places.failed, 1);
    } finally {
      Atomics.sub(control, places.state, 1);
    }
  }

  function work(): void {
    for (;;) {
      // A message may arrive before its number is counted, hence `>`. Read before the mail is counted, so that a ring in between ends the wait below at once.
      const seen = Atomics.load(control, places.wake);
      if (Atomics.load(control, places.mail) > received) return;
      join();
      for (let spin = 0; spin < 5000 && Atomics.load(control, places.wake) === seen; spin++);
      Atomics.wait(control, places.wake, seen);
    }
  }

  listen((message) => {
    received++;
    if (message.kind === 'start') {
      control = new Int32Array(message.control);
      args = new Float64Array(message.control, places.argsByte);
      module = message.module;
      thread = message.thread;
      names = message.kernels;
      ready();
    } else if (message.kind === 'open') {
      const { exports } = new WebAssembly.Instance(module, { env: { memory: message.memory } });
      instances.set(message.workspace, {
        kernels: exports as unknown as Record<string, Kernel>,
        memory: message.memory,
      });
    } else {
      instances.delete(message.workspace);
    }
    work();
  });
}
