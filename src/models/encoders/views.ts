import type { Csr } from '../../data/csr.ts';
import { Graph, type NormalizedCsr } from '../../data/graph.ts';
import { OptionError, shown } from '../../errors.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';

/**
 * How a view of the graph is drawn: edge dropout, node dropout, or an edge dropout of its own for each layer.
 *
 * @example
 * console.log(AUGMENTATIONS);
 */
export const AUGMENTATIONS = ['ED', 'ND', 'RW'] as const;

/**
 * One of `AUGMENTATIONS`.
 *
 * @example
 * const augmentation: Augmentation = AUGMENTATIONS[0];
 */
export type Augmentation = (typeof AUGMENTATIONS)[number];

export interface ViewOptions {
  readonly augmentation: Augmentation;
  /** ρ: the share of edges, or of users and of items, that are dropped; in [0, 1). */
  readonly dropout: number;
}

/** A view: Â of each layer, normalised by the view's own degrees. */
export type View = readonly NormalizedCsr[];

/**
 * The two views of an epoch (Wu et al., SGL, SIGIR 2021, §3.1), drawn without replacement in the numbers of RecBole's
 * implementation: ⌊nnz·(1−ρ)⌋ edges are kept (`ED`, `RW`), ⌊users·ρ⌋ users and ⌊items·ρ⌋ items lose all their edges
 * (`ND`). Same seed and epoch: same views.
 *
 * @param interactions R, users × items
 */
export function drawViews(
  interactions: Csr,
  { augmentation, dropout }: ViewOptions,
  layers: number,
  seed: number,
  epoch: number,
): readonly [View, View] {
  const random = new Random(seed, PURPOSE.views, epoch);
  const draw = () =>
    new Graph(
      augmentation === 'ND'
        ? withoutNodes(interactions, dropout, random)
        : withoutEdges(interactions, dropout, random),
    ).adjacency;
  const view = (): View => {
    if (augmentation === 'RW') return Array.from({ length: layers }, draw);
    const adjacency = draw();
    return Array.from({ length: layers }, () => adjacency);
  };
  return [view(), view()];
}

/** @throws {OptionError} naming the option out of range */
export function checkViewOptions({ augmentation, dropout }: ViewOptions): void {
  if (!AUGMENTATIONS.includes(augmentation)) {
    throw new OptionError(
      'sgl',
      `expected augmentation to be ED, ND or RW, received ${shown(augmentation)}`,
      'Pass e.g. ED',
    );
  }
  if (dropout >= 0 && dropout < 1) return;
  throw new OptionError(
    'sgl',
    `expected dropout to be a number in [0, 1), received ${shown(dropout)}`,
    'Pass e.g. 0.1',
  );
}

function withoutEdges(interactions: Csr, dropout: number, random: Random): Csr {
  const nnz = interactions.colIdx.length;
  const dropped = chosen(nnz, nnz - Math.floor(nnz * (1 - dropout)), random);
  return kept(interactions, (_user, _item, edge) => dropped[edge] === 0);
}

function withoutNodes(interactions: Csr, dropout: number, random: Random): Csr {
  const users = chosen(interactions.rows, Math.floor(interactions.rows * dropout), random);
  const items = chosen(interactions.cols, Math.floor(interactions.cols * dropout), random);
  return kept(interactions, (user, item) => users[user] === 0 && items[item] === 0);
}

/** Marks `count` of 0 … total−1 with 1: the first places of a Fisher–Yates shuffle. */
function chosen(total: number, count: number, random: Random): Uint8Array {
  const order = Int32Array.from({ length: total }, (_, n) => n);
  const marks = new Uint8Array(total);
  for (let n = 0; n < count; n++) {
    const other = n + random.below(total - n);
    marks[order[other]] = 1;
    order[other] = order[n];
  }
  return marks;
}

function kept(interactions: Csr, keep: (user: number, item: number, edge: number) => boolean): Csr {
  const { rows, cols } = interactions;
  const rowPtr = new Int32Array(rows + 1);
  const colIdx = new Int32Array(interactions.colIdx.length);
  let nnz = 0;
  for (let user = 0; user < rows; user++) {
    for (let edge = interactions.rowPtr[user]; edge < interactions.rowPtr[user + 1]; edge++) {
      const item = interactions.colIdx[edge];
      if (keep(user, item, edge)) colIdx[nnz++] = item;
    }
    rowPtr[user + 1] = nnz;
  }
  return { rows, cols, rowPtr, colIdx: colIdx.slice(0, nnz), values: null };
}
