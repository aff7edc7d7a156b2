import { openBeam } from '../../rank/codeScorer.ts';
import type { CodeBeam } from '../../rank/codes/beam.ts';
import { CodeTrie } from '../../rank/codes/codeTrie.ts';
import { keptCodes } from '../../rank/codes/keptCodes.ts';
import type { CodeWeights, SequenceWeights } from '../../rank/sequences/weights.ts';
import type { Runtime } from '../../runtime/load.ts';
import { countBytes } from '../../runtime/workspace.ts';
import type { SequenceReading } from '../sequences.ts';

/** Scores items by their codes. Its memory is opened at the first history, and anew after items have gone. */
export class CodeReading implements SequenceReading {
  readonly #runtime: Runtime;
  readonly #weights: SequenceWeights;
  readonly #codes: CodeWeights;
  readonly #gone = new Set<number>();
  #opened: { readonly beam: CodeBeam; close(): void } | null = null;

  constructor(runtime: Runtime, weights: SequenceWeights, codes: CodeWeights) {
    this.#runtime = runtime;
    this.#weights = weights;
    this.#codes = codes;
  }

  /** Nothing is scored by it. */
  row(): Float32Array {
    return new Float32Array(this.#weights.dim);
  }

  /** Items that are gone have the lowest score of the others. */
  scores(history: ArrayLike<number>): Float32Array {
    this.#opened ??= this.#open();
    const { values, columns } = this.#codes;
    const scores = new Float32Array(values.length / columns).fill(Number.POSITIVE_INFINITY);
    this.#opened.beam.score(history, scores);
    const lowest = scores.reduce((least, score) => Math.min(least, score), 0);
    for (const item of this.#gone) scores[item] = lowest;
    return scores;
  }

  remove(item: number): void {
    this.#gone.add(item);
    this.#opened?.close();
    this.#opened = null;
  }

  left(items: readonly number[]): SequenceWeights {
    return { ...this.#weights, codes: keptCodes(this.#codes, this.#weights.dim, items) };
  }

  #open(): { readonly beam: CodeBeam; close(): void } {
    const weights = this.#weights;
    const trie = new CodeTrie(this.#codes, (item) => !this.#gone.has(item));
    const bytes = countBytes((empty) => openBeam(empty, weights, trie), this.#runtime.threads);
    const workspace = this.#runtime.open(bytes, 'Recommender');
    const { beam, start } = openBeam(workspace, weights, trie);
    start();
    beam.pack();
    return { beam, close: () => workspace.close() };
  }
}
