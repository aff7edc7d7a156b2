import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { ANCHOR_BLOCK as BLOCK, CANDIDATE_CHUNK as CHUNK } from '../runtime/constants.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { type ContrastiveScratch, checkTemperature, panelRows, runBlock, runParts } from './blocks.ts';
import { sameWidth } from './layout.ts';

/** Candidates whose gradients a thread takes at a time. */
const PUSHED_CANDIDATES = 128;

/** Scores that lie further apart have their maxima taken: far below e^−64, quotients by their sums would leave f32. */
const WIDEST_SCORES = 64;

/**
 * InfoNCE of `count` anchors against the first `numCandidates` candidates:
 * losses[r] ← weight_r · −log( e^{⟨a_r, c_p⟩/τ} / Σ_j e^{⟨a_r, c_j⟩/τ} ), p = positives[r].
 * dAnchors is overwritten, dCandidates accumulated. Losses and gradients err by about dim · 2⁻²⁴ / τ of the largest.
 * @param limits between which all ⟨a, c⟩/τ lie, e.g. ±Infinity; default ±1/τ, as for unit rows
 * @throws {OptionError} unless the temperature is a number of at least 0.01
 * @throws {ShapeError} unless dCandidates has rows up to a multiple of 8, as `unitTable` makes them
 */
export function infoNce(
  ws: Workspace,
  anchors: Matrix,
  count: number,
  candidates: Matrix,
  numCandidates: number,
  positives: I32Buffer,
  weights: F32Buffer,
  temperature: number,
  scratch: ContrastiveScratch,
  losses: F32Buffer,
  dAnchors: Matrix,
  dCandidates: Matrix,
  limits: readonly [least: number, largest: number] = [-1 / temperature, 1 / temperature],
): void {
  checkTemperature('infoNce', temperature);
  for (const table of [candidates, dAnchors, dCandidates]) sameWidth('infoNce', anchors, table);
  const panels = panelRows('infoNce', dCandidates, numCandidates);
  const { table, splats, columns, factors, scores, maxima, sums, partials } = scratch;
  const { wasm } = ws;
  const { dim, stride } = anchors;
  const inverse = 1 / temperature;
  const [least, largest] = limits;
  const bounded = largest - least <= WIDEST_SCORES;
  const chunks = Math.ceil(numCandidates / CHUNK);
  const power = inverse * Math.LOG2E;
  if (bounded) maxima.view.fill(largest * Math.LOG2E);
  wasm.pack_panels_f32(candidates.ptr, numCandidates, stride, stride, table.ptr);
  wasm.rows_to_panels_f32(dCandidates.ptr, panels, stride, columns.ptr);
  for (let first = 0; first < count; first += BLOCK) {
    const size = Math.min(BLOCK, count - first);
    const at = first * 4;
    const block = anchors.ptr + at * stride;
    wasm.splat_anchors_f32(block, size, dim, stride, power, splats.ptr);
    if (!bounded) {
      const scored = [table.ptr, splats.ptr, scores.ptr, maxima.ptr];
      runBlock(ws, 'infonce_scores_f32', scored, numCandidates, size, anchors);
      takeMaxima(maxima.view, chunks);
    }
    const shifted = [scores.ptr, maxima.ptr, sums.ptr, partials.ptr];
    const weighted = [table.ptr, bounded ? splats.ptr : 0, ...shifted];
    runParts(ws, 'infonce_weights_f32', weighted, numCandidates, size, anchors);
    const inputs = [
      block,
      candidates.ptr,
      positives.ptr + at,
      weights.ptr + at,
      size,
      stride,
      inverse,
    ] as const;
    const summed = [maxima.ptr, sums.ptr, partials.ptr, chunks] as const;
    const outputs = [losses.ptr + at, factors.ptr, dAnchors.ptr + at * stride, dCandidates.ptr] as const;
    wasm.infonce_rows_f32(...inputs, ...summed, ...outputs);
    wasm.splat_columns_f32(block, size, dim, stride, factors.ptr, columns.ptr);
    const pushed = [scores.ptr, columns.ptr, dCandidates.ptr];
    runBlock(ws, 'infonce_candidates_f32', pushed, numCandidates, size, anchors, PUSHED_CANDIDATES);
  }
  wasm.panels_to_rows_f32(dCandidates.ptr, panels, stride, columns.ptr);
}

/** Each anchor's maximum over the chunks, in the place of the first. */
function takeMaxima(maxima: Float32Array, chunks: number): void {
  for (let n = BLOCK; n < chunks * BLOCK; n++) {
    const anchor = n % BLOCK;
    maxima[anchor] = Math.max(maxima[anchor], maxima[n]);
  }
}
