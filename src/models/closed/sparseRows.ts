import { rowBudgets } from '../../rank/largestEntries.ts';
import type { SparseRows } from '../../rank/sparseRows.ts';
import type { Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { rowsFromColumns } from './cutRows.ts';
import { type Clicks, ItemSystems } from './itemSystems.ts';
import type { L3aeSettings } from './l3aeOptions.ts';
import { textNeighbours } from './textNeighbours.ts';
import type { TextPrior } from './textPrior.ts';

/** Weights of all sources that are held at a time, in bytes: more where settings share what text says of a target. */
export function heldBytes(withText: boolean): number {
  return withText ? 2 ** 29 : 2 ** 27;
}

/** Whether sources by text are looked for approximately. */
function isApproximate(prior: TextPrior | null, [{ textSearch }]: readonly L3aeSettings[]): boolean {
  return prior !== null && textSearch === 'approximate';
}

/** The systems of all items, in a workspace that may only count. */
export function layOutSystems(
  workspace: Workspace,
  clicks: Clicks,
  prior: TextPrior | null,
  settings: readonly L3aeSettings[],
): ItemSystems {
  return new ItemSystems(workspace, clicks, prior, isApproximate(prior, settings));
}

/**
 * Starts the systems of all items, with sources by text for those that are wanted. An approximate search for these takes
 * memory that depends on how the vectors lie, and is not counted beforehand.
 */
export async function startSystems(
  workspace: Workspace,
  systems: ItemSystems,
  prior: TextPrior | null,
  settings: readonly L3aeSettings[],
  turns: Turns,
  isWanted?: (target: number) => boolean,
): Promise<void> {
  if (!isApproximate(prior, settings)) return systems.start();
  const { targets, mapped } = prior!;
  const half = Math.ceil(settings[0].candidates / 2);
  systems.start(await textNeighbours(workspace, targets, mapped, systems.numItems, half, turns, isWanted));
}

/** Settings in groups of which all sources are held at a time: as many as fit in `heldBytes` before rows are cut. */
export function inGroups(
  settings: readonly L3aeSettings[],
  numItems: number,
  withText: boolean,
): L3aeSettings[][] {
  const most = Math.max(...settings.map((setting) => Math.min(setting.candidates, numItems)));
  const together = Math.max(1, Math.floor(heldBytes(withText) / (8 * most * numItems)));
  return Array.from({ length: Math.ceil(settings.length / together) }, (_, n) =>
    settings.slice(n * together, (n + 1) * together),
  );
}

/** The rows of each of several models. */
export async function sparseRows(
  workspace: Workspace,
  systems: ItemSystems,
  prior: TextPrior | null,
  settings: readonly L3aeSettings[],
  turns: Turns,
  onProgress: (done: number, total: number) => void,
): Promise<SparseRows[]> {
  const { numItems, squares } = systems;
  await startSystems(workspace, systems, prior, settings, turns);
  const rows: SparseRows[] = [];
  for (const some of inGroups(settings, numItems, prior !== null)) {
    const before = rows.length;
    const progress = (done: number) =>
      onProgress(before * numItems + done * some.length, settings.length * numItems);
    for (const [n, columns] of (await systems.columns(some, turns, progress)).entries())
      rows.push(await rowsFromColumns(columns, rowBudgets(squares, some[n].entries), turns));
  }
  return rows;
}
