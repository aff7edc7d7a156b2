import type { Csr } from '../data/csr.ts';
import { instance } from '../options/builders.ts';
import { resolveOptions } from '../options/resolve.ts';
import { Ranker } from '../rank/ranker.ts';
import type { Runtime } from '../runtime/load.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkCounts, checkCsr, checkFinite, countRows, misfit, use } from './checks.ts';

/**
 * The best items of every user, best first; ties stand in ascending item order.
 *
 * @example
 * const best: TopK = scoreTopK(runtime, Float32Array.of(1), Float32Array.of(2, 5, 3), 1, 2);
 * [...best.items]; // → [1, 2]
 */
export interface TopK {
  /** [numUsers × k]; −1 where fewer than k items are left. */
  readonly items: Int32Array;
  /** Inner products, [numUsers × k]; −Infinity where fewer than k items are left. */
  readonly scores: Float32Array;
}

const OPTIONS = {
  excluded: instance<Csr>('a sparse matrix', () => true, { about: 'items that are left out' }),
};

/**
 * Exact top-k by inner product over all items. Each score equals the scalar f32 loop over ascending columns.
 *
 * @param users dense [numUsers × dim], finite
 * @param items dense [numItems × dim], finite
 * @param options `excluded`: numUsers × numItems, the items left out of each user's ranking; values are not read
 * @throws {ShapeError} when users or items are no whole rows, or `excluded` does not fit them
 * @throws {OptionError} when dim or k is no integer ≥ 1
 * @throws {DataError} on NaN or Inf
 * @example
 * const users = Float32Array.of(1, 0);
 * const items = Float32Array.of(1, 0, 3, 0, 2, 0);
 * const { items: best } = scoreTopK(runtime, users, items, 2, 2);
 * [...best]; // → [1, 2]
 */
export function scoreTopK(
  runtime: Runtime,
  users: Float32Array,
  items: Float32Array,
  dim: number,
  k: number,
  options: { readonly excluded?: Csr } = {},
): TopK {
  const { excluded } = resolveOptions(OPTIONS, options, 'scoreTopK');
  checkCounts('scoreTopK', { dim, k });
  const numUsers = countRows('scoreTopK', 'users', users, dim);
  const numItems = countRows('scoreTopK', 'items', items, dim);
  if (excluded) {
    checkCsr('scoreTopK', 'excluded', excluded);
    const { rows, cols } = excluded;
    const fits = rows === numUsers && cols === numItems;
    if (!fits) misfit('scoreTopK', `excluded to be ${numUsers} × ${numItems}`, `${rows} × ${cols}`);
  }
  checkFinite('scoreTopK', 'users', users);
  checkFinite('scoreTopK', 'items', items);
  const layout = (workspace: Workspace) => ({
    ranker: new Ranker(workspace, numItems, dim, 'many', k),
    table: workspace.matrix(numItems, dim),
  });
  const top = {
    items: new Int32Array(numUsers * k).fill(-1),
    scores: new Float32Array(numUsers * k).fill(-Infinity),
  };
  use('scoreTopK', runtime, layout, ({ ranker, table }) => {
    table.write(items);
    ranker.setItems(table);
    ranker.rank(
      numUsers,
      k,
      (user) => users.subarray(user * dim, (user + 1) * dim),
      (user, mask) => {
        if (excluded)
          mask.exclude(excluded.colIdx.subarray(excluded.rowPtr[user], excluded.rowPtr[user + 1]));
      },
      (user, ranked) => {
        top.items.set(ranked.items, user * k);
        top.scores.set(ranked.scores, user * k);
      },
    );
  });
  return top;
}
