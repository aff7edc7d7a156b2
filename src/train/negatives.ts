import type { Csr } from '../data/csr.ts';
import type { Graph } from '../data/graph.ts';
import type { Batch, Model } from '../models/model.ts';
import type { I32Buffer, Matrix } from '../runtime/buffers.ts';
import { fractionalPower } from '../runtime/fractionalPower.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { disliked, dislikedOf } from './dislikedNegatives.ts';
import type { ResolvedOptions } from './fitOptions.ts';

/** Draws from a skewed distribution that may all be refused, before one item is drawn uniformly. */
const SKEWED_TRIES = 50;

/** Fills the negatives of a batch; draws depend on seed, epoch and place alone. */
export interface NegativeSampler {
  /** @param first place in the epoch of the batch's first pair */
  draw(
    batch: Pick<Batch, 'users' | 'positives' | 'negatives'>,
    count: number,
    epoch: number,
    first: number,
  ): void;
}

/** What `hard` computes its candidates' rows in, laid out in a workspace that may only count; the others need none. */
export function candidateRows(
  workspace: Workspace,
  { batchSize, negatives }: Pick<ResolvedOptions, 'batchSize' | 'negatives'>,
  model: Pick<Model, 'finalRows'>,
  dim: number,
): CandidateRows | null {
  if (negatives.name !== 'hard') return null;
  return new CandidateRows(workspace, batchSize, negatives.candidates ?? 8, dim, model);
}

/** The sampler of the options; null for `uniform`, which a kernel does. @param rows as `candidateRows` makes them */
export function negativeSampler(
  graph: Graph,
  options: Pick<ResolvedOptions, 'seed' | 'protocol' | 'negatives'>,
  rows: CandidateRows | null,
): NegativeSampler | null {
  const { seed, protocol, negatives } = options;
  const allowed = protocol === 'standard' ? notTrained(graph.interactions) : notPositive;
  const pairs = { seed, allowed, numUsers: graph.numUsers, numItems: graph.numItems };
  switch (negatives.name) {
    case 'uniform':
      return null;
    case 'popularity':
      return skewed(pairs, byPopularity(graph, negatives.exponent ?? 1));
    case 'in-batch':
      return skewed(
        pairs,
        (random, { positives }, count) => positives.view[random.below(count)] - graph.numUsers,
      );
    case 'disliked':
      return disliked(pairs, dislikedOf(graph), negatives.share ?? 0.5);
    case 'hard':
      return hardest(pairs, rows!);
  }
}

/** What draws have in common. */
export interface Pairs {
  readonly seed: number;
  readonly numUsers: number;
  readonly numItems: number;
  allowed(user: number, positive: number, item: number): boolean;
}

type ItemDraw = (random: Random, batch: Pick<Batch, 'positives'>, count: number) => number;

function skewed(pairs: Pairs, drawItem: ItemDraw): NegativeSampler {
  return {
    draw(batch, count, epoch, first) {
      const { users, positives, negatives } = viewsOf(batch);
      for (let p = 0; p < count; p++) {
        const random = new Random(pairs.seed, PURPOSE.negatives, epoch, first + p);
        const positive = positives[p] - pairs.numUsers;
        let item = drawItem(random, batch, count);
        let tries = 1;
        while (!pairs.allowed(users[p], positive, item))
          item = tries++ < SKEWED_TRIES ? drawItem(random, batch, count) : random.below(pairs.numItems);
        negatives[p] = item + pairs.numUsers;
      }
    },
  };
}

function hardest(pairs: Pairs, rows: CandidateRows): NegativeSampler {
  return {
    draw(batch, count, epoch, first) {
      const { users, positives, negatives } = viewsOf(batch);
      const nodes = rows.nodes.view;
      for (let p = 0; p < count; p++) {
        const random = new Random(pairs.seed, PURPOSE.negatives, epoch, first + p);
        nodes[p] = users[p];
        for (let c = 0; c < rows.candidates; c++) {
          let item = random.below(pairs.numItems);
          while (!pairs.allowed(users[p], positives[p] - pairs.numUsers, item))
            item = random.below(pairs.numItems);
          nodes[count + p * rows.candidates + c] = item + pairs.numUsers;
        }
      }
      rows.compute(count);
      for (let p = 0; p < count; p++) negatives[p] = rows.best(p, count);
    },
  };
}

/** Final rows of a batch's users and of their candidates. */
export class CandidateRows {
  readonly candidates: number;
  /** The users, then the candidates pair by pair. */
  readonly nodes: I32Buffer<'node'>;
  readonly #rows: Matrix;
  readonly #model: Pick<Model, 'finalRows'>;

  constructor(
    workspace: Workspace,
    batchSize: number,
    candidates: number,
    dim: number,
    model: Pick<Model, 'finalRows'>,
  ) {
    const most = batchSize * (1 + candidates);
    this.candidates = candidates;
    this.nodes = workspace.i32(most);
    this.#rows = workspace.matrix(most, dim);
    this.#model = model;
  }

  compute(count: number): void {
    this.#model.finalRows(this.nodes, count * (1 + this.candidates), this.#rows);
  }

  /** The candidate node of pair p with the highest score; of equals the first. */
  best(p: number, count: number): number {
    const { view, stride } = this.#rows;
    const user = p * stride;
    let best = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < this.candidates; c++) {
      const slot = count + p * this.candidates + c;
      let score = 0;
      for (let k = 0; k < stride; k++) score += view[user + k] * view[slot * stride + k];
      if (score <= highest) continue;
      highest = score;
      best = slot;
    }
    // A score that is not a number wins nothing: the first candidate stands, and fit reports the loss.
    return this.nodes.view[best < 0 ? count + p * this.candidates : best];
  }
}

/** Draws items by cumulative weights count^α. */
function byPopularity({ interactions, numItems }: Graph, exponent: number): ItemDraw {
  const counts = new Int32Array(numItems);
  for (const item of interactions.colIdx) counts[item]++;
  const cumulative = new Float64Array(numItems);
  let sum = 0;
  for (let item = 0; item < numItems; item++) {
    if (counts[item] > 0) sum += fractionalPower(counts[item], exponent);
    cumulative[item] = sum;
  }
  return (random) => {
    const target = (random.uint32() / 2 ** 32) * sum;
    let low = 0;
    let high = numItems - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Whether an item is none of the user's training items. */
function notTrained({ rowPtr, colIdx }: Csr): Pairs['allowed'] {
  return (user, _positive, item) => {
    let low = rowPtr[user];
    let high = rowPtr[user + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (colIdx[middle] === item) return false;
      if (colIdx[middle] < item) low = middle + 1;
      else high = middle;
    }
    return true;
  };
}

function notPositive(_user: number, positive: number, item: number): boolean {
  return item !== positive;
}

export function viewsOf({ users, positives, negatives }: Pick<Batch, 'users' | 'positives' | 'negatives'>) {
  return { users: users.view, positives: positives.view, negatives: negatives.view };
}
