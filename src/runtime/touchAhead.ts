/** Tables up to this size stay in the last-level cache of most processors; there, touching rows ahead never pays. */
const SMALL_BYTES = 16 * 2 ** 20;
/** Calls that are measured, with and without touching in turn; the first of each run before V8 has optimised. */
const TRIALS = 8;

/**
 * Whether a kernel touches the rows that it will gather: on some processors this takes a third off its time, on others
 * it adds a fifth. So the first calls on a large table are timed both ways, and the faster way stays. Results have the
 * same bytes either way. Where the clock stands still during a call, as on some edge runtimes, rows are touched.
 */
export class TouchAhead {
  #calls = 0;
  readonly #best: [without: number, touched: number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];

  /** Calls `kernel` with 1 where rows of a table of `bytes` are to be touched, else with 0. */
  run(bytes: number, kernel: (touch: 0 | 1) => void, now = () => performance.now()): void {
    if (bytes <= SMALL_BYTES) kernel(0);
    else if (this.#calls < TRIALS) this.#measure(kernel, now);
    else kernel(this.#best[1] <= this.#best[0] ? 1 : 0);
  }

  #measure(kernel: (touch: 0 | 1) => void, now: () => number): void {
    const touch = this.#calls % 2 === 0 ? 1 : 0;
    const start = now();
    kernel(touch);
    const time = now() - start;
    if (this.#calls >= 2) this.#best[touch] = Math.min(this.#best[touch], time);
    this.#calls++;
  }
}
