import { foldIn } from './person.ts';
import type { ServingState } from './servingState.ts';

/**
 * A way through the graph from a person to an item: by an item that the person likes, and somebody who likes both.
 *
 * @example
 * const [best] = recommender.recommend('u1');
 * const paths: readonly GraphPath[] = recommender.explain('u1', best.id).graph?.paths ?? [];
 */
export interface GraphPath {
  /** The item that the person likes, and its title. */
  readonly item: string;
  readonly title: string | null;
  /** Somebody else who likes it, and the explained item: for whoever runs the service, not for the person. */
  readonly user: string;
  /** What the path adds to the score. */
  readonly share: number;
}

/**
 * How the graph carries a score: `paths`, `others` and `rest` sum to it.
 *
 * @example
 * const [best] = recommender.recommend('u1');
 * const graph: GraphExplanation | null = recommender.explain('u1', best.id).graph;
 */
export interface GraphExplanation {
  /** The paths that add most, largest first. */
  readonly paths: readonly GraphPath[];
  /** How many other paths there are, and what they add together. */
  readonly others: { readonly count: number; readonly share: number };
  /** What no path carries: likeness beyond the people who like both. */
  readonly rest: number;
  /** How many other people like an item that the person likes, and the explained one. */
  readonly people: number;
}

/** An item that the person likes, and what its row is multiplied by in the person's. */
export interface LikedPart {
  readonly item: number;
  readonly by: number;
}

/** Somebody who likes the explained item, with the share of his or her row in the item's. */
interface Liker {
  readonly user: number;
  readonly likes: readonly number[];
  readonly row: Float32Array;
  readonly by: number;
}

/**
 * The paths person → item → other person → item. The explained item's row z is split into its part along Σ z_v / √d_v over the
 * people who like it, which is what a layer of LightGCN makes an item of (d_v: how much a person likes), and the rest; a path
 * by item h and person v carries the parts' product times ⟨z_h, z_v⟩. Sums in float64, in the order of the model.
 * @param parts of the person's row
 * @param self the person's number, −1 for a history
 * @param score what the paths are a part of
 * @param most paths that are listed
 */
export function explainPaths(
  state: ServingState,
  parts: readonly LikedPart[],
  item: number,
  self: number,
  score: number,
  most: number,
): GraphExplanation {
  const { catalogue, people, scorer } = state;
  const rows = new Map(parts.map((part) => [part.item, { ...part, row: scorer.factors!.row(part.item) }]));
  const found: { readonly item: number; readonly user: number; readonly share: number }[] = [];
  for (const { user, likes, row, by } of likersOf(state, item, self)) {
    for (const like of likes) {
      const part = rows.get(like);
      if (part && like !== item) found.push({ item: like, user, share: part.by * by * dot(part.row, row) });
    }
  }
  found.sort((a, b) => b.share - a.share || a.item - b.item || a.user - b.user);
  const sum = (paths: readonly { readonly share: number }[]) =>
    paths.reduce((all, { share }) => all + share, 0);
  const [first, others] = [found.slice(0, most), found.slice(most)];
  return {
    paths: first.map((path) => ({
      item: catalogue.ids.at(path.item),
      title: catalogue.titleOf(path.item),
      user: people.ids.at(path.user),
      share: path.share,
    })),
    others: { count: others.length, share: sum(others) },
    rest: score - sum(found),
    people: new Set(found.map(({ user }) => user)).size,
  };
}

/** The other people who like an item, and what their rows are multiplied by in its own. */
function likersOf(state: ServingState, item: number, self: number): Liker[] {
  const factors = state.scorer.factors!;
  const likers = state.people.whoLike(item).filter(({ user }) => user !== self);
  const own = likers.map(({ user, likes }) => ({
    user,
    likes,
    row: state.people.rowOf(user) ?? foldIn(factors, likes),
    norm: 1 / Math.sqrt(likes.length),
  }));
  const sum = new Float64Array(factors.dim);
  for (const { row, norm } of own) for (let c = 0; c < sum.length; c++) sum[c] += norm * row[c];
  const along = dot(factors.row(item), sum) / (dot(sum, sum) || 1);
  return own.map(({ norm, ...liker }) => ({ ...liker, by: along * norm }));
}

/** In float64, in order. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c] * b[c];
  return sum;
}
