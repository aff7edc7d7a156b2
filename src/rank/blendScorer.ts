import { OptionError, ShapeError, shown } from '../errors.ts';
import { arrayOf, checkArgument, having, TEXT } from '../options/arguments.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkExplained, SCORER } from './argumentKinds.ts';
import type { RankingLoad } from './ranker.ts';
import { ScoreRanker, usersPerTurn } from './scoreRanker.ts';
import type { Adder, Contribution, OpenScorer, Query, Scorer } from './scorer.ts';

/**
 * One scorer of a blend.
 *
 * @example
 * const part: BlendPart = { scorer: popularity(split.train), weight: 0.3, deviation: 1 };
 */
export interface BlendPart {
  readonly scorer: Scorer;
  /** ≥ 0 */
  readonly weight: number;
  /** What its scores are divided by, > 0: see `scoreDeviation`. */
  readonly deviation: number;
}

const PARTS = arrayOf(
  'a list of parts { scorer, weight, deviation }',
  having<BlendPart>('a part', { scorer: SCORER }),
);

/**
 * Σ over the parts of weight / deviation · score. One deviation for all users, so that a part that is sparse adds to the
 * items that it has entries for and to no other. Sums go in the order of the parts.
 *
 * @example
 * const parts = [popularity(split.train), await itemKnn(split.train)] as const;
 * const blend = new BlendScorer('both', [
 *   { scorer: parts[0], weight: 0.2, deviation: 1 },
 *   { scorer: parts[1], weight: 0.8, deviation: 1 },
 * ]);
 * blend.kind; // → 'blend'
 */
export class BlendScorer implements Scorer {
  readonly kind = 'blend';
  readonly name: string;
  readonly numItems: number;
  readonly usersPerTurn: number;
  readonly parts: readonly BlendPart[];

  /**
   * @throws {OptionError} on no parts, a weight that is no number ≥ 0 or a deviation that is none > 0
   * @throws {ShapeError} when the parts have different numbers of items
   */
  constructor(name: string, parts: readonly BlendPart[]) {
    checkArgument(TEXT, name, 'name', 'BlendScorer');
    checkArgument(PARTS, parts, 'parts', name);
    if (parts.length === 0)
      throw new OptionError(name, 'expected parts to blend, received none', 'Pass two scorers or more');
    this.name = name;
    this.numItems = parts[0].scorer.numItems;
    this.usersPerTurn = usersPerTurn(this.numItems);
    this.parts = parts;
    for (const part of parts) this.#check(part);
  }

  /** @internal */
  open(workspace: Workspace, load: RankingLoad, usualK: number): OpenScorer {
    return new ScoreRanker(workspace, this.numItems, load, usualK, (queries) =>
      this.adder(workspace, queries),
    );
  }

  explain(query: Query, item: number): Contribution[] {
    checkExplained(this, query, item);
    return this.parts.flatMap((part) =>
      part.weight === 0
        ? []
        : part.scorer
            .explain(query, item)
            .map((share) => ({ ...share, score: partFactor(part) * share.score })),
    );
  }

  /** @internal */
  adder(workspace: Workspace, queries: number): Adder {
    const parts = this.parts
      .filter(({ weight }) => weight > 0)
      .map((part) => ({ adder: part.scorer.adder(workspace, queries), factor: partFactor(part) }));
    return {
      start() {
        for (const { adder } of parts) adder.start();
      },
      add(asked, factor, scores) {
        for (const part of parts) part.adder.add(asked, Math.fround(factor * part.factor), scores);
      },
    };
  }

  #check({ scorer, weight, deviation }: BlendPart): void {
    if (scorer.numItems !== this.numItems) {
      const problem = `expected scorers of the same items, received ${this.numItems} and ${scorer.numItems} items`;
      throw new ShapeError(this.name, problem, 'Train the parts on one catalogue');
    }
    if (!(weight >= 0 && Number.isFinite(weight))) {
      const problem = `expected a weight ≥ 0 for ${scorer.name}, received ${shown(weight)}`;
      throw new OptionError(this.name, problem, 'Leave the part out, or pass e.g. 0.35');
    }
    if (!(deviation > 0 && Number.isFinite(deviation))) {
      const problem = `expected a deviation > 0 for ${scorer.name}, received ${shown(deviation)}`;
      throw new OptionError(this.name, problem, 'Measure it with scoreDeviation');
    }
  }
}

/** What a part's scores are multiplied by. */
export function partFactor({ weight, deviation }: BlendPart): number {
  return Math.fround(weight / deviation);
}
