/** Why work ends when the time for it is up. */
export class OutOfTime extends Error {
  override get name() {
    return 'OutOfTime';
  }
}

/** A signal that is aborted with `signal`, or with `OutOfTime` after so many seconds. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | null;
  readonly #given: AbortSignal | undefined;
  readonly #follow = () => this.#controller.abort(this.#given?.reason);

  constructor(signal: AbortSignal | undefined, seconds: number | undefined) {
    this.#given = signal;
    if (signal?.aborted) this.#follow();
    signal?.addEventListener('abort', this.#follow, { once: true });
    const up = () => this.#controller.abort(new OutOfTime(`${seconds} s are over`));
    this.#timer = seconds === undefined ? null : setTimeout(up, 1000 * seconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time is up. */
  get over(): boolean {
    return this.signal.reason instanceof OutOfTime;
  }

  /** To be called when the work has ended. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#given?.removeEventListener('abort', this.#follow);
  }
}
