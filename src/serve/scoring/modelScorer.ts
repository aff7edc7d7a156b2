import type { Matrix } from '../../runtime/buffers.ts';
import type { BlendShare } from '../modelFile/data.ts';
import type { ModelMemory } from '../modelMemory.ts';
import type { SequenceReading } from '../sequences.ts';
import { rankTable, scoreTable } from './denseRanking.ts';
import type { FactorTable, Ranked } from './factorTable.ts';
import type { RowTable } from './rowTable.ts';

/** For whom items are scored. */
export interface PersonQuery {
  /** A row among the factors; null where the model has none. */
  readonly row: Float32Array | null;
  /** What the person likes, ascending. */
  readonly likes: ArrayLike<number>;
  /** How much each of them counts; null: all as much. */
  readonly weights: ArrayLike<number> | null;
  /** The likes from the oldest on, for a model that reads their order. */
  readonly ordered?: readonly number[];
}

/** What is added to the scores of some items. */
export interface ScoreBoost {
  /** A bit for each item that gets it. */
  readonly items: Uint8Array;
  /** In standard deviations of the query's scores over all items. */
  readonly by: number;
}

/** The scores of a model: those of one part, or a blend of several. */
export class ModelScorer {
  readonly factors: FactorTable | null;
  readonly rows: RowTable | null;
  /** What makes rows or scores of histories in order; null where the mean of their items' rows stands for them. */
  readonly sequence: SequenceReading | null;
  /** One score an item, whoever asks. */
  itemScores: Float32Array | null;
  readonly #memory: ModelMemory;
  readonly #shares: readonly BlendShare[];
  readonly #numItems: () => number;

  constructor(
    memory: ModelMemory,
    parts: {
      factors: FactorTable | null;
      rows: RowTable | null;
      itemScores: Float32Array | null;
      sequence: SequenceReading | null;
    },
    blend: readonly BlendShare[] | null,
    numItems: () => number,
  ) {
    this.#memory = memory;
    this.factors = parts.factors;
    this.rows = parts.rows;
    this.sequence = parts.sequence;
    this.itemScores = parts.itemScores;
    this.#numItems = numItems;
    const part = parts.factors ? 'factors' : parts.rows ? 'rows' : 'items';
    this.#shares = blend ?? [{ part, weight: 1, deviation: 1 }];
  }

  /** Gives an item behind the last a score of its own. */
  setItemScore(item: number, score: number): void {
    const grown = new Float32Array(item + 1);
    grown.set(this.itemScores!);
    grown[item] = score;
    this.itemScores = grown;
  }

  /** What the scores are made of. */
  get shares(): readonly BlendShare[] {
    return this.#shares;
  }

  /** Whether scores are inner products of rows alone, which are ranked without being written down. */
  get isFactors(): boolean {
    if (this.sequence?.scores) return false;
    const [{ part, weight, deviation }] = this.#shares;
    return this.#shares.length === 1 && part === 'factors' && weight === deviation;
  }

  /** The k best items that are not excluded. @param boosts what is added to the scores of items before */
  rank(query: PersonQuery, excluded: Uint8Array, k: number, boosts: readonly ScoreBoost[] = []): Ranked {
    if (this.isFactors && boosts.length === 0) return this.factors!.rank({ row: query.row!, excluded }, k);
    return this.#withScores(query, (scores) => {
      addBoosts(scores.row(0).view, boosts);
      return rankTable(this.#memory.workspace, scores, excluded, k);
    });
  }

  /** The scores of all items. */
  scores(query: PersonQuery): Float32Array<ArrayBuffer> {
    return this.#withScores(query, (scores) => scores.row(0).view.slice());
  }

  /** The scores of some items, as `rank` gives them. */
  scoreItems(query: PersonQuery, items: readonly number[]): Float32Array<ArrayBuffer> {
    if (this.isFactors) return this.factors!.scoreItems(query.row!, items);
    return this.#withScores(query, (scores) => {
      const { view } = scores.row(0);
      return Float32Array.from(items, (item) => view[item]);
    });
  }

  /** What a part adds to the score of each item. */
  partScores(share: BlendShare, query: PersonQuery): Float32Array<ArrayBuffer> {
    return this.#withTable((scores) => {
      this.#addShare(share, query, scores);
      return scores.row(0).view.slice();
    });
  }

  #withScores<T>(query: PersonQuery, use: (scores: Matrix) => T): T {
    return this.#withTable((scores) => {
      for (const share of this.#shares) if (share.weight > 0) this.#addShare(share, query, scores);
      return use(scores);
    });
  }

  #withTable<T>(use: (scores: Matrix) => T): T {
    const { workspace } = this.#memory;
    const numItems = this.#numItems();
    this.rows?.prepare(numItems);
    const mark = workspace.mark();
    try {
      return use(scoreTable(workspace, numItems));
    } finally {
      workspace.release(mark);
    }
  }

  /** In f32: the part's scores times weight / deviation, in the order in which evaluation adds them. */
  #addShare(
    { part, weight, deviation }: BlendShare,
    { row, likes, weights, ordered = [] }: PersonQuery,
    scores: Matrix,
  ): void {
    const factor = Math.fround(weight / deviation);
    if (this.sequence?.scores) scores.row(0).view.set(this.sequence.scores(ordered));
    else if (part === 'factors')
      this.factors!.scoreAll(
        row!.map((value) => factor * value),
        scores.row(0),
        true,
      );
    else if (part === 'rows') this.rows!.addScores(likes, weights, factor, scores);
    else {
      const { view } = scores.row(0);
      for (const [item, score] of this.itemScores!.entries()) view[item] += Math.fround(factor * score);
    }
  }
}

/** Adds boosts to scores. Sums in float64, in order. */
export function addBoosts(scores: Float32Array, boosts: readonly ScoreBoost[]): void {
  if (boosts.length === 0) return;
  let sum = 0;
  for (const score of scores) sum += score;
  const mean = sum / scores.length;
  let squares = 0;
  for (const score of scores) squares += (score - mean) * (score - mean);
  const deviation = Math.sqrt(squares / scores.length) || 1;
  for (const { items, by } of boosts) {
    const step = by * deviation;
    for (let item = 0; item < scores.length; item++)
      if ((items[item >> 3] >> (item & 7)) & 1) scores[item] += step;
  }
}
