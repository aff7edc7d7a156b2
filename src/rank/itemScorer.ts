import { ShapeError } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { checkArgument, FLOAT32, TEXT } from '../options/arguments.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkExplained } from './argumentKinds.ts';
import type { RankingLoad } from './ranker.ts';
import { ScoreRanker } from './scoreRanker.ts';
import type { Adder, Contribution, OpenScorer, Query, Scorer } from './scorer.ts';

/**
 * One score an item, whoever asks: popularity.
 *
 * @example
 * const scorer: ItemScorer = popularity(split.train);
 * scorer.kind; // → 'items'
 */
export class ItemScorer implements Scorer {
  readonly kind = 'items';
  readonly name: string;
  readonly numItems: number;
  /** [numItems] */
  readonly scores: Float32Array;

  /**
   * Keeps the arrays that it is given: do not write to them.
   * @throws {OptionError} for arguments of another kind
   * @throws {ShapeError} unless all scores are finite
   */
  constructor(name: string, scores: Float32Array) {
    checkArgument(TEXT, name, 'name', 'ItemScorer');
    checkArgument(FLOAT32, scores, 'scores', name);
    const at = firstNonFinite(scores);
    if (at >= 0)
      throw new ShapeError(name, `expected finite scores, received ${scores[at]} at ${at}`, 'Train again');
    this.name = name;
    this.numItems = scores.length;
    this.scores = scores;
  }

  /** @internal */
  open(workspace: Workspace, load: RankingLoad, usualK: number): OpenScorer {
    return new ScoreRanker(workspace, this.numItems, load, usualK, () => this.adder());
  }

  explain(query: Query, item: number): Contribution[] {
    checkExplained(this, query, item);
    return [{ from: this.name, item: null, score: this.scores[item] }];
  }

  /** @internal */
  adder(): Adder {
    const add: Adder['add'] = (queries, factor, { view, stride }) => {
      for (const q of queries.keys()) {
        for (const [item, score] of this.scores.entries())
          view[q * stride + item] += Math.fround(factor * score);
      }
    };
    return { start() {}, add };
  }
}
