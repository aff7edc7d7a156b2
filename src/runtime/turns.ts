/** How long work may hold the event loop, in milliseconds. */
const MOST_HELD = 50;

/**
 * Gives the event loop a turn now and then during long work, so that a page stays alive and an abort can arrive. When
 * that happens depends on the clock; nothing that is computed does.
 *
 * @example
 * const zeros = async (turns: Turns, numItems: number) => {
 *   await turns.offer();
 *   return new Float32Array(numItems);
 * };
 */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();

  /** @throws the signal's reason when it is aborted already */
  constructor(signal?: AbortSignal) {
    signal?.throwIfAborted();
    this.#signal = signal;
  }

  /** Stops the work. */
  get signal(): AbortSignal | undefined {
    return this.#signal;
  }

  /**
   * To be called between pieces of work of a few milliseconds.
   * @throws the signal's reason once it is aborted
   */
  async offer(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (performance.now() - this.#last >= MOST_HELD) await this.take();
  }

  /**
   * Gives the event loop a turn at once.
   * @throws the signal's reason once it is aborted
   */
  async take(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#signal?.throwIfAborted();
    this.#last = performance.now();
  }
}

/** The result of work in pieces, after each of which the event loop may have a turn. @throws as the work; as `Turns.offer` */
export async function inTurns<T>(work: Generator<void, T>, turns: Turns): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await turns.offer();
  }
}

/** The result of work in pieces, without a turn between them. */
export function withoutTurns<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
