// The worker that computes, as functions with promises.
import type {
  ChosenColumns,
  DataSummary,
  Entrant,
  EpochPoint,
  Finish,
  InputFile,
  Progress,
  Reply,
  Request,
  VectorSource,
  VectorSummary,
} from './messages.ts';

/** A race that was stopped by its user, and can go on. */
export class Paused extends Error {}

interface Listener {
  onProgress(progress: Progress): void;
  onEpoch(point: EpochPoint): void;
  onFinish(finish: Finish): void;
}

/** Asks the worker; one question at a time but for `pause`. */
export class Engine {
  readonly #worker = new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 0;

  constructor(listener: Listener) {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      if (data.type === 'progress') listener.onProgress(data.progress);
      else if (data.type === 'epoch') listener.onEpoch(data.point);
      else if (data.type === 'finish') listener.onFinish(data.finish);
      else this.#settle(data);
    });
    this.#worker.addEventListener('error', ({ message }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(message || 'The worker has ended.'));
      this.#waiting.clear();
    });
  }

  read(files: readonly InputFile[], columns: ChosenColumns): Promise<DataSummary> {
    return this.#ask({ type: 'read', files, columns });
  }

  vectors(source: VectorSource): Promise<VectorSummary | null> {
    return this.#ask({ type: 'vectors', source });
  }

  race(entrants: readonly Entrant[], dim: number, resume: boolean): Promise<void> {
    return this.#ask({ type: 'race', entrants, dim, resume });
  }

  /** The race under way ends with `Paused`, once its state is kept. */
  pause(): void {
    this.#worker.postMessage({ id: -1, request: { type: 'pause' } satisfies Request });
  }

  #ask<T>(request: Request): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ id, request });
    });
  }

  #settle(reply: Extract<Reply, { type: 'done' | 'failed' }>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.type === 'done') waiting?.resolve(reply.value);
    else waiting?.reject(reply.paused ? new Paused(reply.message) : new Error(reply.message));
  }
}
