import type { Graph } from '../../data/graph.ts';
import { type ContrastiveScratch, contrastiveScratch, unitTable } from '../../kernels/blocks.ts';
import { bprGradient, bprMargins } from '../../kernels/bpr.ts';
import { infoNce } from '../../kernels/infonce.ts';
import { log } from '../../kernels/math.ts';
import { addRows } from '../../kernels/rows.ts';
import { number, oneOf } from '../../options/builders.ts';
import type { Resolved } from '../../options/descriptor.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../../runtime/buffers.ts';
import type { OtherNodes, PlannedBatch } from '../batchRows.ts';
import { DENSE_WORK } from '../work.ts';
import type { Loss, LossParts } from './loss.ts';
import { describeRankingLoss, type RankingLossSetting } from './rankingLoss.ts';
import { regularizer } from './regularization.ts';
import { PlainRows, type ScoredRows, UnitRows } from './scoredRows.ts';
import { blockBounds, blockSize, SoftmaxBlock } from './softmaxBlock.ts';

const OPTIONS = {
  similarity: oneOf(['cosine', 'dot'], {
    ...{ about: 'of the rows of user and item in softmax', flag: '--similarity <name>', default: 'cosine' },
    source: 'Wu et al. (TOIS 2024)',
  }),
  candidates: oneOf(['in-batch', 'sampled', 'all'], {
    about: 'of softmax: items of the batch, these and as many drawn uniformly, or all',
    ...{ flag: '--candidates <name>', default: 'in-batch' },
  }),
  softmaxTemperature: number({
    ...{ about: 'τ of softmax', flag: '--softmax-temperature <number>', min: 0.01 },
    defaultText: '0.2 for cosine, 1 for dot',
  }),
};

type SoftmaxOptions = Resolved<typeof OPTIONS>;

/**
 * Softmax over candidate items: −log( e^{s(u,i)/τ − log q_i} / Σ_j n_j e^{s(u,j)/τ − log q_j} ), n_j being how often the
 * candidate j was drawn and q_j how often it is to be expected, so that the sum stands for that over all items whatever
 * their popularity (Bengio & Senécal 2008; in the batch: Yi et al., RecSys 2019; mixed with uniform draws: Yang et al.,
 * WWW 2020). Over all items n = q = 1. s is the inner product of final rows, or their cosine (SSM: Wu et al., TOIS 2024).
 * Items of the user's own stay in the sum. Deviations: batches draw their candidates in even blocks of about 512 pairs,
 * so that an epoch's work is linear in its interactions, and a user's pairs share blocks, so that there are fewer rows to
 * score; the regularisation is that of BPR.
 */
class SoftmaxLoss implements Loss {
  readonly others?: OtherNodes;
  readonly #parts: LossParts;
  readonly #reduction: RankingLossSetting['reduction'];
  readonly #temperature: number;
  /** The largest magnitude of a score divided by τ. */
  readonly #largest: number;
  readonly #regularize: ReturnType<typeof regularizer>;
  readonly #block: SoftmaxBlock;
  /** Rows of anchors and candidates. Behind those of anchors stands τ, behind those of candidates log n − log q. */
  readonly #table: Matrix;
  readonly #gradient: Matrix;
  readonly #users: ScoredRows;
  readonly #items: ScoredRows;
  /** dLoss/dZ of the block's slots. */
  readonly #dSlots: Matrix;
  /** Of the candidates: log n and log q. */
  readonly #counts: F32Buffer;
  readonly #expected: F32Buffer;
  readonly #weights: F32Buffer;
  readonly #losses: F32Buffer;
  readonly #margins: F32Buffer;
  readonly #slopes: F32Buffer;
  readonly #scratch: ContrastiveScratch;
  /** Neighbours of each node. */
  #degrees: Int32Array = new Int32Array(0);

  constructor(parts: LossParts, { reduction }: RankingLossSetting, options: SoftmaxOptions) {
    const { workspace, graph, dim, rows } = parts;
    const { similarity, softmaxTemperature } = options;
    const size = blockSize(graph.numItems, parts.options.batchSize, options.candidates);
    const { pairs, candidates } = size;
    this.#parts = parts;
    this.#reduction = reduction;
    this.#temperature = softmaxTemperature ?? (similarity === 'cosine' ? 0.2 : 1);
    this.#largest = similarity === 'cosine' ? 1 / this.#temperature : Number.POSITIVE_INFINITY;
    this.#regularize = regularizer(parts);
    this.#block = new SoftmaxBlock(workspace, size, parts.options.batchSize, rows.z.rows);
    const { firstItem } = this.#block;
    [this.#table, this.#gradient] = [0, 1].map(() => unitTable(workspace, firstItem + candidates, dim + 1));
    const side = (first: number, count: number) => {
      const [unit, gradient] = [this.#table, this.#gradient].map((table) =>
        table.slice(first, table.rows - first).columns(dim),
      );
      return similarity === 'cosine'
        ? new UnitRows(workspace, count, dim, { unit, gradient })
        : new PlainRows(workspace, count, { unit, gradient });
    };
    [this.#users, this.#items] = [side(0, pairs), side(firstItem, candidates)];
    this.#dSlots = workspace.matrix(Math.max(pairs, candidates), dim);
    [this.#counts, this.#expected] = [0, 1].map(() => workspace.f32(candidates));
    const list = () => workspace.f32(pairs);
    [this.#weights, this.#losses, this.#margins, this.#slopes] = [list(), list(), list(), list()];
    this.#scratch = contrastiveScratch(workspace, candidates, dim + 1);
    if (options.candidates === 'all')
      this.others = { nodes: workspace.i32(graph.numItems), slots: workspace.i32(graph.numItems) };
  }

  start({ numUsers, degrees }: Graph): void {
    this.#degrees = degrees;
    for (const rows of [this.#users, this.#items]) rows.start();
    const nodes = this.others?.nodes.view ?? [];
    for (let n = 0; n < nodes.length; n++) nodes[n] = numUsers + n;
  }

  compute(planned: PlannedBatch, count: number): number {
    let loss = 0;
    this.#block.groupByUser(planned, count);
    const bounds = this.others ? [0, count] : blockBounds(count);
    for (let n = 1; n < bounds.length; n++) loss += this.#ofBlock(planned, count, bounds[n - 1], bounds[n]);
    return loss + this.#regularize(planned, count);
  }

  /** The losses of the pairs first … end − 1. */
  #ofBlock(planned: PlannedBatch, count: number, first: number, end: number): number {
    const { workspace, rows } = this.#parts;
    const block = this.#block;
    block.take(planned, first, end, this.others);
    const { numUsers, numItems, firstItem } = block;
    this.#users.take(rows.z, numUsers, block.users);
    this.#items.take(rows.z, numItems, block.items);
    const [anchors, candidates] = [0, firstItem].map((row) => this.#table.slice(row, this.#table.rows - row));
    const [dAnchors, dCandidates] = [0, firstItem].map((row) =>
      this.#gradient.slice(row, this.#gradient.rows - row),
    );
    const widest = this.#setBiases(planned, end - first, anchors, candidates);
    const weight = this.#reduction === 'mean' ? 1 / count : 1;
    for (let n = 0; n < numUsers; n++) this.#weights.view[n] = weight * block.pairs[n];
    dCandidates.view.fill(0);
    const largest = this.#largest + widest;
    infoNce(
      workspace,
      ...([anchors, numUsers, candidates, numItems, block.positives, this.#weights] as const),
      ...([this.#temperature, this.#scratch, this.#losses, dAnchors, dCandidates] as const),
      [-largest, largest],
    );
    const loss = this.#sum(weight) + this.#addFurther(weight);
    // The last column takes no gradient.
    fillColumn(anchors, numUsers, () => 0);
    fillColumn(candidates, numItems, () => 0);
    this.#passBack(this.#users, numUsers, block.users);
    this.#passBack(this.#items, numItems, block.items);
    return loss;
  }

  /** The anchors' losses, in which a positive that was drawn n times has stood n-fold above the line too. */
  #sum(weight: number): number {
    const { numUsers, numItems, timesPositive } = this.#block;
    const [losses, logCounts] = [this.#losses.view, this.#counts.view];
    let loss = 0;
    for (let n = 0; n < numUsers; n++) loss += losses[n];
    for (let n = 0; n < numItems; n++) loss += weight * timesPositive[n] * logCounts[n];
    return loss;
  }

  /** Puts the positives of an anchor's further pairs in the place of its first, which has stood for them all. */
  #addFurther(weight: number): number {
    const { workspace } = this.#parts;
    const { users, firsts, owns } = this.#block.further;
    const count = this.#block.numFurther;
    const margins = this.#margins;
    bprMargins(workspace, this.#table, users, firsts, owns, count, margins);
    this.#slopes.view.fill(weight / this.#temperature, 0, count);
    bprGradient(workspace, this.#table, users, firsts, owns, this.#slopes, count, this.#gradient);
    let sum = 0;
    for (const margin of margins.view.subarray(0, count)) sum += margin;
    return (weight * sum) / this.#temperature;
  }

  #passBack(side: ScoredRows, count: number, slots: I32Buffer): void {
    const { workspace, rows, encoder } = this.#parts;
    this.#dSlots.view.fill(0, 0, count * this.#dSlots.stride);
    side.backward(this.#dSlots, encoder.gradientScale);
    addRows(workspace, this.#dSlots, slots, count, rows.gradient.gradient);
  }

  /** Fills the columns behind the rows. @returns the largest magnitude of a bias */
  #setBiases(
    { nodes, hasNegatives }: PlannedBatch,
    drawn: number,
    anchors: Matrix,
    candidates: Matrix,
  ): number {
    const { numUsers, numItems, items, timesDrawn } = this.#block;
    fillColumn(anchors, numUsers, () => this.#temperature);
    const [counts, expected] = [this.#counts.view, this.#expected.view];
    if (this.others) {
      counts.fill(0);
      fillColumn(candidates, numItems, () => 0);
      return 0;
    }
    const { graph, workspace } = this.#parts;
    const uniform = hasNegatives ? 1 / graph.numItems : 0;
    for (let n = 0; n < numItems; n++) {
      counts[n] = timesDrawn[n];
      // A positive has one interaction at least.
      const byPopularity = Math.max(1, this.#degrees[nodes.view[items.view[n]]]) / graph.numEdges;
      expected[n] = drawn * (byPopularity + uniform);
    }
    for (const values of [this.#counts, this.#expected]) {
      values.view.fill(1, numItems);
      log(workspace, values, values);
    }
    let widest = 0;
    fillColumn(candidates, numItems, (n) => {
      const bias = counts[n] - expected[n];
      widest = Math.max(widest, Math.abs(bias));
      return bias;
    });
    return widest;
  }
}

/** Writes the last column of the first rows. */
function fillColumn({ view, dim, stride }: Matrix, rows: number, value: (row: number) => number): void {
  for (let row = 0; row < rows; row++) view[row * stride + dim - 1] = value(row);
}

/** Softmax over the items of a batch, a sample, or all. */
export const softmax = describeRankingLoss({
  name: 'softmax',
  options: OPTIONS,
  usesNegatives: ({ candidates }) => candidates === 'sampled',
  choosesNegatives: false,
  create: (parts, setting, options) => new SoftmaxLoss(parts, setting, options),
  // The scores of the batch against its candidates, and the gradients of both sides.
  work(graph, dim, { batchSize }, options) {
    return (
      3 * DENSE_WORK * batchSize * blockSize(graph.numItems, batchSize, options.candidates).candidates * dim
    );
  },
  slots: (graph, batchSize, { candidates }) =>
    candidates === 'all' ? batchSize + graph.numItems : 3 * batchSize,
});
