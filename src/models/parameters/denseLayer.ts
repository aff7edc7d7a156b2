import { gemmNt, packPanels } from '../../kernels/gemm.ts';
import type { F32Buffer, Matrix } from '../../runtime/buffers.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/** A linear map without offset, y = x Wᵀ, with its gradient and its optimiser's moments. */
export class DenseLayer {
  /** W [outputs × inputs]; rows are padded to a multiple of 4. */
  readonly weights: Matrix;
  readonly gradient: Matrix;
  readonly m: Matrix;
  readonly v: Matrix;
  readonly inputs: number;
  readonly outputs: number;
  readonly #workspace: Workspace;
  readonly #forwardPanels: F32Buffer;
  readonly #inputColumns: Matrix;
  readonly #inputPanels: F32Buffer;
  readonly #outputColumns: Matrix;
  readonly #weightColumns: Matrix;
  readonly #backwardPanels: F32Buffer;

  /** @param rows of x and y */
  constructor(workspace: Workspace, rows: number, inputs: number, outputs: number) {
    const table = () => workspace.matrix(roundUp(outputs, 4), inputs, roundUp(inputs, 8));
    this.inputs = inputs;
    this.outputs = outputs;
    this.#workspace = workspace;
    this.weights = table();
    this.gradient = table();
    this.m = table();
    this.v = table();
    this.#forwardPanels = workspace.f32(roundUp(outputs, 8) * inputs);
    this.#inputColumns = workspace.matrix(inputs, rows);
    this.#inputPanels = workspace.f32(roundUp(inputs, 8) * rows);
    this.#outputColumns = workspace.matrix(roundUp(outputs, 4), rows);
    this.#weightColumns = workspace.matrix(inputs, outputs);
    this.#backwardPanels = workspace.f32(roundUp(inputs, 8) * outputs);
  }

  /** y ← x Wᵀ; x [rows × inputs] and y [rows × outputs], rows a multiple of 4, y.stride a multiple of 8. */
  forward(x: Matrix, y: Matrix): void {
    packPanels(this.#workspace, this.weights.slice(0, this.outputs), this.#forwardPanels);
    gemmNt(this.#workspace, x, this.#forwardPanels, this.outputs, y);
  }

  /** Takes over the input of `backward`, which may stay the same for many updates. */
  setInput(x: Matrix): void {
    transpose(x, this.#inputColumns);
    packPanels(this.#workspace, this.#inputColumns, this.#inputPanels);
  }

  /** gradient ← dyᵀ x. */
  backward(dy: Matrix): void {
    transpose(dy, this.#outputColumns);
    gemmNt(this.#workspace, this.#outputColumns, this.#inputPanels, this.inputs, this.gradient);
  }

  /** dx ← dy W; dy [rows × outputs] and dx [rows × inputs], rows a multiple of 4, dx.stride a multiple of 8. */
  backwardInput(dy: Matrix, dx: Matrix): void {
    transpose(this.weights.slice(0, this.outputs), this.#weightColumns);
    packPanels(this.#workspace, this.#weightColumns, this.#backwardPanels);
    gemmNt(this.#workspace, dy, this.#backwardPanels, this.inputs, dx);
  }
}

/** to[c][r] ← from[r][c] for the rows that `to` has room for. */
function transpose(from: Matrix, to: Matrix): void {
  const source = from.view;
  const target = to.view;
  const rows = Math.min(from.rows, to.dim);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < from.dim; c++) target[c * to.stride + r] = source[r * from.stride + c];
  }
}
