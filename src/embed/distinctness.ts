import { gemmNt, packPanels } from '../kernels/gemm.ts';
import { resolveOptions } from '../options/resolve.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import { roundUp } from '../runtime/roundUp.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkIsEmbeddings, type Embeddings } from './embeddings.ts';

/**
 * How well vectors tell items apart.
 *
 * @example
 * const { share, examples }: Distinctness = await distinctness(embeddings, { runtime });
 */
export interface Distinctness {
  /** Share of the sampled items that have a twin: another item at a cosine of `TWIN_COSINE` or more. */
  readonly share: number;
  /** Items that were looked at: all, or so many at even distances. */
  readonly sampled: number;
  /** Some of the twins, as pairs of ids. */
  readonly examples: readonly (readonly [string, string])[];
}

/** Vectors nearer than this are the same for any recommender. */
export const TWIN_COSINE = 0.999;
/** Shares are told to within 0.06 by so many, at odds of 19 to 1. */
const SAMPLE = 256;
/** Items that are compared at a time. */
const CHUNK = 1024;
const EXAMPLES = 3;

/**
 * Looks for items with almost the same vector, which no recommender can tell apart by their texts: up to 256 items, each
 * against all.
 *
 * @throws {BudgetError} when a table of 1,280 vectors does not fit the runtime's memory
 * @example
 * const { share } = await distinctness(embeddings, { runtime });
 * share >= 0 && share <= 1; // → true
 */
export async function distinctness(
  embeddings: Embeddings,
  options: { readonly runtime?: Runtime } = {},
): Promise<Distinctness> {
  checkIsEmbeddings(embeddings, 'distinctness');
  const { runtime = await load() } = resolveOptions({ runtime: RUNTIME }, options, 'distinctness');
  const { ids, width } = embeddings;
  const sampled = Math.min(ids.length, SAMPLE);
  const sample = Array.from({ length: sampled }, (_, n) => Math.floor((n * ids.length) / sampled));
  const layout = (workspace: Workspace) => layOut(workspace, sampled, width);
  return runtime.use('distinctness', layout, (tables, workspace) => {
    const twins = nearestOf(workspace, tables, embeddings, sample);
    const examples = sample.flatMap((item, n) =>
      twins[n] === -1 ? [] : [[ids[item], ids[twins[n]]] as const],
    );
    return { share: examples.length / sampled, sampled, examples: examples.slice(0, EXAMPLES) };
  });
}

/** The sample, alone and in panels, some of the items, and the cosines of both. */
function layOut(workspace: Workspace, sampled: number, width: number) {
  return {
    panels: workspace.f32(roundUp(sampled, 8) * width),
    chosen: workspace.matrix(sampled, width),
    chunk: workspace.matrix(CHUNK, width),
    cosines: workspace.matrix(CHUNK, sampled, roundUp(sampled, 8)),
  };
}

/** For each item of the sample the first other one that is its twin; -1 for none. */
function nearestOf(
  workspace: Workspace,
  { panels, chosen, chunk, cosines }: ReturnType<typeof layOut>,
  embeddings: Embeddings,
  sample: readonly number[],
): Int32Array {
  const { ids } = embeddings;
  const twins = new Int32Array(sample.length).fill(-1);
  for (const [n, item] of sample.entries())
    writeUnit(embeddings, item, chosen.view.subarray(n * chosen.stride));
  packPanels(workspace, chosen, panels);
  for (let first = 0; first < ids.length; first += CHUNK) {
    const count = Math.min(CHUNK, ids.length - first);
    const items = chunk.view;
    for (let r = 0; r < count; r++)
      writeUnit(embeddings, first + r, items.subarray(r * chunk.stride, (r + 1) * chunk.stride));
    gemmNt(workspace, chunk, panels, sample.length, cosines);
    const found = cosines.view;
    for (let r = 0; r < count; r++) {
      for (const [n, item] of sample.entries()) {
        if (found[r * cosines.stride + n] < TWIN_COSINE || item === first + r || twins[n] !== -1) continue;
        twins[n] = first + r;
      }
    }
  }
  return twins;
}

/** Zeros for a vector of zeros, which is no one's twin. */
function writeUnit({ vectors, width }: Embeddings, item: number, out: Float32Array): void {
  const row = vectors.subarray(item * width, (item + 1) * width);
  let squares = 0;
  for (const value of row) squares += value * value;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let k = 0; k < width; k++) out[k] = row[k] * scale;
}
