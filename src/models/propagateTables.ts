import { checkAreTables, checkIsInteractions } from '../data/argumentKinds.ts';
import { Graph } from '../data/graph.ts';
import type { Interactions } from '../data/interactions.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import { ShapeError } from '../errors.ts';
import { integer } from '../options/builders.ts';
import { resolveOptions } from '../options/resolve.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { Propagation, propagationTables } from './encoders/propagation.ts';

const OPTIONS = {
  layers: integer({ about: 'propagation layers', min: 0, default: 2 }),
  runtime: RUNTIME,
};

/**
 * Final rows Z of tables as they are: propagated over the training graph as LightGCN does, without any training. On
 * tables from text this is the `text-only` baseline, and epoch 0 of every model here.
 *
 * @throws {ShapeError} when the tables do not fit the interactions, or `dim` is not an integer ≥ 1
 * @throws {OptionError} unless `layers` is an integer ≥ 0; default 2
 * @example
 * const { users } = await propagateTables(split.train, factors, { layers: 2, runtime });
 * users.length === factors.users.length; // → true
 */
export async function propagateTables(
  train: Interactions,
  tables: NodeTables,
  options: { readonly layers?: number; readonly runtime?: Runtime } = {},
): Promise<NodeTables> {
  checkIsInteractions(train, 'propagateTables');
  checkAreTables(tables, 'propagateTables', 'Pass what initialize gives');
  const { users, items, dim } = tables;
  const { layers, runtime } = resolveOptions(OPTIONS, options, 'propagateTables');
  const { numUsers, numItems } = train;
  const fits = users.length === numUsers * dim && items.length === numItems * dim;
  if (!fits || !Number.isSafeInteger(dim) || dim < 1) {
    const problem = `expected ${numUsers} + ${numItems} rows of ${dim}, received ${users.length} and ${items.length} values`;
    throw new ShapeError('propagateTables', problem, 'Initialise on the same interactions');
  }
  const graph = new Graph(train);
  const { numNodes, adjacency } = graph;
  const layout = (workspace: Workspace) => {
    const csr = workspace.csrRoom(numNodes, numNodes, layers > 0 ? adjacency.colIdx.length : 0);
    const graphs = Array.from({ length: layers }, () => csr);
    const tables = Array.from({ length: propagationTables(layers) }, () => workspace.matrix(numNodes, dim));
    const e0 = workspace.matrix(numNodes, dim);
    return { csr, e0, propagation: new Propagation(workspace, graphs, tables) };
  };
  return (runtime ?? (await load())).use('propagateTables', layout, ({ csr, e0, propagation }) => {
    if (layers > 0) csr.fill(adjacency);
    e0.slice(0, numUsers).write(users);
    e0.slice(numUsers, numItems).write(items);
    const z = propagation.all(e0);
    return { users: z.slice(0, numUsers).read(), items: z.slice(numUsers, numItems).read(), dim };
  });
}
