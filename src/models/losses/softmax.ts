import type { GraphSize } from '../../data/graph.ts';
import {
  type ContrastiveScratch,
  contrastiveScratch,
  contrastiveScratchBytes,
  unitTable,
  unitTableBytes,
} from '../../kernels/blocks.ts';
import { infoNce } from '../../kernels/infonce.ts';
import { log } from '../../kernels/math.ts';
import { addScaledRows, gatherRows } from '../../kernels/rows.ts';
import { number, oneOf } from '../../options/builders.ts';
import type { Resolved } from '../../options/descriptor.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../../runtime/buffers.ts';
import { tableBytes, type Workspace } from '../../runtime/workspace.ts';
import type { OtherNodes, PlannedBatch } from '../batchRows.ts';
import { DENSE_WORK } from '../work.ts';
import type { Loss, LossParts } from './loss.ts';
import { describeRankingLoss, type RankingLossSetting } from './rankingLoss.ts';
import { regularizer } from './regularization.ts';
import { countRows, PlainRows, type ScoredRows, UnitRows } from './scoredRows.ts';

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
 * Items of the user's own stay in the sum. Deviation: none, but for the regularisation, which is that of BPR.
 */
class SoftmaxLoss implements Loss {
  readonly others?: OtherNodes;
  readonly #parts: LossParts;
  readonly #reduction: RankingLossSetting['reduction'];
  readonly #options: SoftmaxOptions;
  readonly #temperature: number;
  readonly #regularize: ReturnType<typeof regularizer>;
  readonly #users: Side;
  /** The candidates; their biases log n − log q stand in the column behind their rows. */
  readonly #items: Side;
  /** The users' rows pair by pair, τ in the column behind. */
  readonly #anchors: Matrix;
  readonly #dAnchors: Matrix;
  /** Of the candidates: log n and log q. */
  readonly #counts: F32Buffer;
  readonly #expected: F32Buffer;
  readonly #positives: I32Buffer;
  readonly #weights: F32Buffer;
  readonly #ones: F32Buffer;
  readonly #losses: F32Buffer;
  readonly #scratch: ContrastiveScratch;

  constructor(parts: LossParts, { reduction }: RankingLossSetting, options: SoftmaxOptions) {
    const { workspace, graph, dim } = parts;
    const { batchSize } = parts.options;
    const { similarity, softmaxTemperature } = options;
    const most = mostCandidates(graph, batchSize, options);
    const pairs = () => workspace.f32(batchSize);
    this.#parts = parts;
    this.#reduction = reduction;
    this.#options = options;
    this.#temperature = softmaxTemperature ?? (similarity === 'cosine' ? 0.2 : 1);
    this.#regularize = regularizer(parts);
    this.#users = sideOf(workspace, batchSize, dim, similarity);
    this.#items = sideOf(workspace, most, dim, similarity);
    [this.#anchors, this.#dAnchors] = [0, 1].map(() => unitTable(workspace, batchSize, dim + 1));
    this.#counts = workspace.f32(most);
    this.#expected = workspace.f32(most);
    this.#positives = workspace.i32(batchSize);
    [this.#weights, this.#ones, this.#losses] = [pairs(), pairs(), pairs()];
    this.#ones.view.fill(1);
    this.#scratch = contrastiveScratch(workspace, most, dim + 1);
    if (options.candidates === 'all') this.others = allItems(parts);
  }

  compute(planned: PlannedBatch, count: number): number {
    const { workspace, rows, encoder } = this.#parts;
    const { numUsers, numSlots, users } = planned;
    const numItems = numSlots - numUsers;
    const [own, items] = [this.#users, this.#items];
    own.rows.take(rows.z.slice(0, numUsers), numUsers);
    items.rows.take(rows.z.slice(numUsers, numItems), numItems);
    gatherRows(workspace, own.table, users, count, this.#anchors);
    const widest = this.#setBiases(planned, count, numItems);
    this.#setPairs(planned, count);
    items.gradient.view.fill(0);
    infoNce(
      workspace,
      ...([this.#anchors, count, items.table, numItems, this.#positives, this.#weights] as const),
      ...([this.#temperature, this.#scratch, this.#losses, this.#dAnchors, items.gradient] as const),
      this.#limits(widest),
    );
    own.gradient.view.fill(0);
    addScaledRows(workspace, this.#dAnchors, null, this.#ones, count, own.gradient, users);
    // The column of biases takes no gradient.
    fillColumn(items.table, numItems, () => 0);
    const dz = rows.gradient.gradient;
    own.rows.backward(dz.slice(0, numUsers), encoder.gradientScale);
    items.rows.backward(dz.slice(numUsers, numItems), encoder.gradientScale);
    return this.#sum(count) + this.#regularize(planned, count);
  }

  /** The pairs' losses, in which a positive that was drawn n times has stood n-fold above the line too. */
  #sum(count: number): number {
    const [losses, weights, logCounts] = [this.#losses.view, this.#weights.view, this.#counts.view];
    const positives = this.#positives.view;
    let loss = 0;
    for (let b = 0; b < count; b++) loss += losses[b] + weights[b] * logCounts[positives[b]];
    return loss;
  }

  /** Fills the columns behind the rows. @returns the largest magnitude of a bias */
  #setBiases(planned: PlannedBatch, count: number, numItems: number): number {
    fillColumn(this.#anchors, count, () => this.#temperature);
    const [counts, expected] = [this.#counts.view, this.#expected.view];
    if (this.others) {
      fillColumn(this.#items.table, numItems, () => 0);
      return 0;
    }
    const { graph, workspace } = this.#parts;
    const { numUsers, nodes, positives, negatives, hasNegatives } = planned;
    countRows(positives, count, numUsers, numItems, this.#counts);
    if (hasNegatives) for (const slot of negatives.view.subarray(0, count)) counts[slot - numUsers]++;
    const total = graph.interactions.colIdx.length;
    for (let n = 0; n < numItems; n++) {
      // A positive has one interaction at least.
      const byPopularity = Math.max(1, graph.degrees[nodes.view[numUsers + n]]) / total;
      const uniform = hasNegatives ? 1 / graph.numItems : 0;
      expected[n] = count * (byPopularity + uniform);
    }
    for (const values of [this.#counts, this.#expected]) {
      values.view.fill(1, numItems);
      log(workspace, values, values);
    }
    let widest = 0;
    fillColumn(this.#items.table, numItems, (n) => {
      const bias = counts[n] - expected[n];
      widest = Math.max(widest, Math.abs(bias));
      return bias;
    });
    return widest;
  }

  /** The candidate that is each pair's positive, and the pairs' weights. */
  #setPairs({ numUsers, positives }: PlannedBatch, count: number): void {
    const [own, slots] = [this.#positives.view, positives.view];
    for (let b = 0; b < count; b++) own[b] = slots[b] - numUsers;
    this.#weights.view.fill(this.#reduction === 'mean' ? 1 / count : 1);
  }

  /** Between which values all logits lie. */
  #limits(widest: number): readonly [number, number] {
    const largest =
      this.#options.similarity === 'cosine' ? 1 / this.#temperature + widest : Number.POSITIVE_INFINITY;
    return [-largest, largest];
  }
}

/** Rows of users or items as they are scored, in tables of one column more. */
interface Side {
  readonly table: Matrix;
  readonly gradient: Matrix;
  readonly rows: ScoredRows;
}

function sideOf(workspace: Workspace, count: number, dim: number, similarity: string): Side {
  const [table, gradient] = [0, 1].map(() => unitTable(workspace, count, dim + 1));
  const narrow = { unit: table.columns(dim), gradient: gradient.columns(dim) };
  const rows =
    similarity === 'cosine'
      ? new UnitRows(workspace, count, dim, narrow)
      : new PlainRows(workspace, count, narrow);
  return { table, gradient, rows };
}

/** Writes the last column of the first rows. */
function fillColumn({ view, dim, stride }: Matrix, rows: number, value: (row: number) => number): void {
  for (let row = 0; row < rows; row++) view[row * stride + dim - 1] = value(row);
}

function allItems({ workspace, graph }: LossParts): OtherNodes {
  const { numUsers, numItems } = graph;
  const nodes = workspace.i32From<'node'>(Int32Array.from({ length: numItems }, (_, n) => numUsers + n));
  return { nodes, slots: workspace.i32(numItems) };
}

function mostCandidates({ numItems }: GraphSize, batchSize: number, { candidates }: SoftmaxOptions): number {
  if (candidates === 'all') return numItems;
  return Math.min(numItems, candidates === 'sampled' ? 2 * batchSize : batchSize);
}

/** Softmax over the items of a batch, a sample, or all. */
export const softmax = describeRankingLoss({
  name: 'softmax',
  options: OPTIONS,
  usesNegatives: ({ candidates }) => candidates === 'sampled',
  choosesNegatives: false,
  create: (parts, setting, options) => new SoftmaxLoss(parts, setting, options),
  bytes(graph, dim, { batchSize }, options) {
    const most = mostCandidates(graph, batchSize, options);
    const tables = 4 * unitTableBytes(batchSize, dim + 1) + 2 * unitTableBytes(most, dim + 1);
    const vectors = 6 * tableBytes(1, batchSize) + 6 * tableBytes(1, most);
    return tables + vectors + contrastiveScratchBytes(most, dim + 1);
  },
  // The scores of the batch against its candidates, and the gradients of both sides.
  work: (graph, dim, { batchSize }, options) =>
    3 * DENSE_WORK * batchSize * mostCandidates(graph, batchSize, options) * dim,
  slots: (graph, batchSize, { candidates }) =>
    candidates === 'all' ? batchSize + graph.numItems : 3 * batchSize,
});
