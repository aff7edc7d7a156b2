import { OptionError, shown } from '../../errors.ts';
import { gram } from '../../kernels/covariance.ts';
import { gemmNt, packPanels } from '../../kernels/gemm.ts';
import { inverseRoom, invertPositiveDefinite } from '../../linalg/inverse.ts';
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

  readonly #width: number;

  /** Lays the matrix of so many items with vectors of this width out, in a workspace that may only count. */
  constructor(workspace: Workspace, items: number, width: number) {
    const columns = roundUp(width, 8);
    this.#workspace = workspace;
    this.#width = width;
    this.targets = workspace.matrix(roundUp(items, 4), columns);
    this.mapped = workspace.matrix(this.targets.rows, columns);
    this.odds = new Float64Array(items);
  }

  /** Foresees what `start` computes in; at the end of a layout. */
  foreseeStart(): void {
    const workspace = this.#workspace;
    const columns = this.mapped.stride;
    workspace.foresee(() => {
      regularizedRoom(workspace, columns);
      workspace.foresee(() => inverseRoom(workspace, columns));
      workspace.f32(columns * columns);
    });
  }

  /**
   * @param vectors F, dense items × width; a row of zeros stands for no vector
   * @param regularization λ_F > 0
   * @throws {OptionError} when λ_F is so small that FᵀF + λ_F I has no inverse in f32
   */
  async start(vectors: Float32Array, regularization: number, turns: Turns): Promise<void> {
    const { targets, mapped } = this;
    const workspace = this.#workspace;
    targets.columns(this.#width).write(vectors);
    const mark = workspace.mark();
    const inverse = await regularizedInverse(workspace, targets, regularization, turns);
    const inversePanels = workspace.f32(inverse.rows * inverse.rows);
    packPanels(workspace, inverse, inversePanels);
    gemmNt(workspace, targets, inversePanels, inverse.rows, mapped);
    workspace.release(mark);
    this.odds.set(scaleTargets(targets, mapped, this.odds.length));
  }

  /** What `pack` fills. */
  packRoom(): F32Buffer {
    return this.#workspace.f32(roundUp(this.odds.length, 8) * this.mapped.stride);
  }

  /** Gets `rows` ready, as long as this room stands. */
  pack(room: F32Buffer): void {
    this.#panels = room;
    packPanels(this.#workspace, this.mapped.slice(0, this.odds.length), room);
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
  const { sums, inverse } = regularizedRoom(workspace, stride);
  gram(workspace, f, sums);
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

function regularizedRoom(workspace: Workspace, columns: number) {
  return { sums: workspace.f64(columns * columns), inverse: workspace.matrix(columns, columns) };
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
