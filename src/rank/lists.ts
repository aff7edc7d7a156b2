import type { TopK } from '../kernels/topk.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Where ranked items go: lists of up to `places` items for a batch of queries, or longer ones for fewer of them. */
export class Lists {
  readonly #workspace: Workspace;
  readonly #queries: number;
  readonly #places: number;
  readonly #top: TopK;

  constructor(workspace: Workspace, queries: number, places: number) {
    this.#workspace = workspace;
    this.#queries = queries;
    this.#places = queries * places;
    this.#top = topK(workspace, queries, places);
  }

  /** Calls `job` with lists of `places` items, for as many of `count` queries at a time as there is room for. */
  use(places: number, count: number, job: (top: TopK, queries: number) => void): void {
    const queries = Math.min(count, this.#queries);
    const fitting = Math.min(queries, Math.floor(this.#places / Math.max(1, places)));
    if (fitting > 0 || queries === 0) {
      job(this.#top, fitting);
      return;
    }
    // One list is longer than all of them were to be: a tie is followed through the catalogue.
    const mark = this.#workspace.mark();
    job(topK(this.#workspace, queries, places), queries);
    this.#workspace.release(mark);
  }
}

function topK(workspace: Workspace, queries: number, places: number): TopK {
  return {
    scores: workspace.f32(queries * places),
    items: workspace.i32(queries * places),
    counts: workspace.i32(queries),
  };
}
