import { OptionError, shown } from '../../errors.ts';
import { gram } from '../../kernels/covariance.ts';
import { gemmNt, packPanels } from '../../kernels/gemm.ts';
import { invertPositiveDefinite } from '../../linalg/inverse.ts';
import type { F32Buffer, Matrix } from '../../runtime/buffers.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/** Leverages f M f are below 1; what rounding leaves of 1 − f M f is no less than this. */
const LEAST_DISTANCE = 1e-3;

/**
 * The item–item matrix that vectors give, EASE with their columns as users: C_ij = −Q_ij / Q_jj, C_jj = 0 for
 * Q = (F Fᵀ + λ_F I)⁻¹, from F [items × N] with rows f_i; computed from an N × N inverse, M = (FᵀF + λ_F I)⁻¹:
 * C_ij = f_i M f_j / (1 − f_j M f_j). C itself is never stored.
 * Source: L3AE (CIKM 2025), step 1; deviation: the N × N form, which follows from Woodbury's identity.
 */
export class TextPrior {
  /** [items × N] F M; as in `targets`, items are rounded up to a multiple of 4 and N to one of 8. */
  readonly mapped: Matrix;
  /** [items × N] f_j / (1 − f_j M f_j) */
  readonly targets: Matrix;
  /** [items] f_j M f_j / (1 − f_j M f_j) */
  readonly odds: Float64Array;
  readonly #workspace: Workspace;
  /** `mapped`, packed when whole rows of C are asked for. */
  #panels: F32Buffer | null = null;

  private constructor(workspace: Workspace, mapped: Matrix, targets: Matrix, odds: Float64Array) {
    this.#workspace = workspace;
    this.mapped = mapped;
    this.targets = targets;
    this.odds = odds;
  }

  /**
   * @param vectors F, dense items × width; a row of zeros stands for no vector
   * @param regularization λ_F > 0
   * @throws {OptionError} when λ_F is so small that FᵀF + λ_F I has no inverse in f32
   */
  static async of(
    workspace: Workspace,
    vectors: Float32Array,
    width: number,
    regularization: number,
    turns: Turns,
  ): Promise<TextPrior> {
    const items = vectors.length / width;
    const columns = roundUp(width, 8);
    const targets = workspace.matrix(roundUp(items, 4), columns);
    const view = targets.view;
    for (let j = 0; j < items; j++) view.set(vectors.subarray(j * width, (j + 1) * width), j * columns);
    const mapped = workspace.matrix(targets.rows, columns);
    const mark = workspace.mark();
    const inverse = await regularizedInverse(workspace, targets, regularization, turns);
    const inversePanels = workspace.f32(columns * columns);
    packPanels(workspace, inverse, inversePanels);
    gemmNt(workspace, targets, inversePanels, columns, mapped);
    workspace.release(mark);
    return new TextPrior(workspace, mapped, targets, scaleTargets(targets, mapped, items));
  }

  /** Gets `rows` ready; to be called outside of what the workspace releases before the last of them. */
  pack(): void {
    const items = this.odds.length;
    this.#panels = this.#workspace.f32(roundUp(items, 8) * this.mapped.stride);
    packPanels(this.#workspace, this.mapped.slice(0, items), this.#panels);
  }

  /** out[t] ← row of C_ij over the sources i, for targets j = first + t; a multiple of four of them, as out has rows. */
  rows(first: number, out: Matrix): void {
    gemmNt(this.#workspace, this.targets.slice(first, out.rows), this.#panels!, out.dim, out);
  }
}

/** (FᵀF + λ I)⁻¹ */
async function regularizedInverse(
  workspace: Workspace,
  f: Matrix,
  regularization: number,
  turns: Turns,
): Promise<Matrix> {
  const { stride } = f;
  const sums = workspace.f64(stride * stride);
  gram(workspace, f, sums);
  const inverse = workspace.matrix(stride, stride);
  const [from, to] = [sums.view, inverse.view];
  for (let i = 0; i < stride; i++) {
    for (let j = i; j < stride; j++) {
      to[i * stride + j] = from[i * stride + j];
      to[j * stride + i] = from[i * stride + j];
    }
    to[i * (stride + 1)] = from[i * (stride + 1)] + regularization;
  }
  if (await invertPositiveDefinite(workspace, inverse, turns)) return inverse;
  const problem = `expected a textRegularization with which FᵀF + λI can be inverted in f32, received ${shown(regularization)}`;
  throw new OptionError('l3ae', problem, 'Pass e.g. 10', 'textRegularization');
}

/** f_j ← f_j / (1 − f_j · (F M)_j); returns the leverages f_j · (F M)_j divided by the same. */
function scaleTargets(targets: Matrix, mapped: Matrix, items: number): Float64Array {
  const { stride } = targets;
  const [f, a] = [targets.view, mapped.view];
  const odds = new Float64Array(items);
  for (let j = 0; j < items; j++) {
    let leverage = 0;
    for (let at = j * stride; at < (j + 1) * stride; at++) leverage += f[at] * a[at];
    const factor = 1 / Math.max(1 - leverage, LEAST_DISTANCE);
    for (let at = j * stride; at < (j + 1) * stride; at++) f[at] *= factor;
    odds[j] = leverage * factor;
  }
  return odds;
}
