/** Before this much time has passed, a rate says little. */
const LEAST_MS = 2000;

/**
 * How long the rest of a job takes at the rate so far, e.g. `about 30 s left`; blank while nobody knows.
 * @param free steps of those done that took no time, since they were found finished
 */
export function timeLeft(done: number, total: number, elapsedMs: number, free = 0): string {
  const computed = done - free;
  if (computed <= 0 || elapsedMs < LEAST_MS || done >= total) return '';
  const seconds = ((total - done) * elapsedMs) / computed / 1000;
  const [amount, unit] =
    seconds < 90 ? [seconds, 's'] : seconds < 5400 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  return `about ${Math.ceil(amount)} ${unit} left`;
}

/** Tells the time left of one job after another, each from its first step that is told. */
export class Stopwatch {
  #job: string | null = null;
  #began = 0;
  #done = 0;
  #free = 0;

  /** @param job another name, or fewer steps done than before, begins anew */
  left(job: string, done: number, total: number, free = 0): string {
    const now = performance.now();
    if (job !== this.#job || done < this.#done) {
      this.#job = job;
      this.#began = now;
      this.#done = done;
      this.#free = free;
    }
    return timeLeft(done, total, now - this.#began, this.#done + free - this.#free);
  }
}
