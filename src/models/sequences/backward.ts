import { attentionBackward } from '../../kernels/attention.ts';
import { unitStride } from '../../kernels/blocks.ts';
import { addColumnSums, multiply } from '../../kernels/dropout.ts';
import { geluBackward } from '../../kernels/gelu.ts';
import { gemmNt, gemmTn, packColumns } from '../../kernels/gemm.ts';
import { layerNormBackward } from '../../kernels/layerNorm.ts';
import { addScaledRows } from '../../kernels/rows.ts';
import type { Activations, Capacity } from '../../rank/sequences/activations.ts';
import type { ItemSequences, SequenceEncoder } from '../../rank/sequences/encoder.ts';
import {
  blockTable,
  headColumns,
  openTables,
  type SequenceShape,
  sequenceTables,
  wideStride,
} from '../../rank/sequences/weights.ts';
import type { F32Buffer, Matrix } from '../../runtime/buffers.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/** The way back through a `SequenceEncoder`: gradients of its tables, and of the rows of items that it read. */
export class SequenceBackward {
  readonly gradients: Readonly<Record<string, Matrix>>;
  readonly #workspace: Workspace;
  readonly #encoder: SequenceEncoder;
  /** The gradient of a residual branch, of heads side by side, of queries, keys and values, of the wide layer. */
  readonly #branch: Matrix;
  readonly #mixed: Matrix;
  readonly #qkv: Matrix;
  readonly #units: Matrix;
  readonly #ones: F32Buffer;
  readonly #rowPanels: F32Buffer;
  readonly #weightPanels: F32Buffer;

  constructor(workspace: Workspace, encoder: SequenceEncoder, { rows: most }: Capacity) {
    const { shape } = encoder;
    const rows = roundUp(most, 8);
    const wide = (columns: number) => workspace.matrix(rows, columns, wideStride(columns));
    this.#workspace = workspace;
    this.#encoder = encoder;
    this.gradients = openTables(workspace, shape);
    this.#branch = workspace.matrix(rows, shape.dim, unitStride(shape.dim));
    this.#mixed = wide(headColumns(shape));
    this.#qkv = wide(3 * headColumns(shape));
    this.#units = wide(shape.inner);
    this.#ones = workspace.f32(rows);
    const panels = panelSizes(shape, rows);
    this.#rowPanels = workspace.f32(panels.rows);
    this.#weightPanels = workspace.f32(panels.weights);
  }

  /** Before the first way back. */
  start(): void {
    this.#ones.view.fill(1);
  }

  /**
   * @param d the gradient of the hidden states, which it overwrites by that of what the first block was given
   * @param dItems rows of items, accumulated
   */
  run(d: Matrix, sequences: ItemSequences, activations: Activations, dItems: Matrix): void {
    const { gradients } = this;
    const workspace = this.#workspace;
    // Gradients of dense layers are overwritten, others accumulated.
    for (const [name, { isDense }] of Object.entries(sequenceTables(this.#encoder.shape)))
      if (!isDense) gradients[name].view.fill(0);
    for (let n = this.#encoder.shape.blocks - 1; n >= 0; n--) {
      this.#network(n, d, sequences.rows, activations);
      this.#attention(n, d, sequences, activations);
    }
    const { factors, input, stats } = activations;
    const { rows, items, positions } = sequences;
    if (factors) multiply(workspace, d, factors.input, d, rows);
    const gamma = this.#encoder.tables.gamma.row(0);
    const sums = [gradients.gamma.row(0), gradients.beta.row(0)] as const;
    layerNormBackward(workspace, d, input, rows, gamma, stats, d, ...sums);
    addScaledRows(workspace, d, null, this.#ones, rows, dItems, items);
    addScaledRows(workspace, d, null, this.#ones, rows, gradients.positions, positions);
  }

  /** Second normalisation, and the network with its residual. */
  #network(n: number, d: Matrix, rows: number, { blocks, factors }: Activations): void {
    const workspace = this.#workspace;
    const { second, stats2, units, active, middle } = blocks[n];
    this.#normalization(n, '2', d, second, stats2, rows);
    const branch = this.#branchOf(d, factors?.blocks[n].outer ?? null, rows);
    addColumnSums(workspace, branch, rows, this.#sums(n, 'outerBias'));
    this.#weights(n, 'outer', branch, active, rows);
    this.#input(n, 'outer', branch, this.#units, rows, false);
    geluBackward(workspace, this.#units, units, rows);
    addColumnSums(workspace, this.#units, rows, this.#sums(n, 'innerBias'));
    this.#weights(n, 'inner', this.#units, middle, rows);
    this.#input(n, 'inner', this.#units, d, rows, true);
  }

  /** First normalisation, and attention with its residual. */
  #attention(
    n: number,
    d: Matrix,
    sequences: ItemSequences,
    { blocks, factors, x, room }: Activations,
  ): void {
    const workspace = this.#workspace;
    const { rows } = sequences;
    const { first, stats1, mixed, weights, qkv } = blocks[n];
    const own = factors?.blocks[n] ?? null;
    this.#normalization(n, '1', d, first, stats1, rows);
    const branch = this.#branchOf(d, own?.out ?? null, rows);
    addColumnSums(workspace, branch, rows, this.#sums(n, 'outBias'));
    this.#weights(n, 'out', branch, mixed, rows);
    this.#input(n, 'out', branch, this.#mixed, rows, false);
    const { heads } = this.#encoder;
    const given = [workspace, qkv, heads, sequences, own?.attention ?? null, weights] as const;
    attentionBackward(...given, this.#mixed, this.#qkv, room);
    addColumnSums(workspace, this.#qkv, rows, this.#sums(n, 'qkvBias'));
    this.#weights(n, 'qkv', this.#qkv, x[n], rows);
    this.#input(n, 'qkv', this.#qkv, d, rows, true);
  }

  #normalization(n: number, which: '1' | '2', d: Matrix, x: Matrix, stats: F32Buffer, rows: number): void {
    const gamma = this.#encoder.tables[blockTable(n, `gamma${which}`)].row(0);
    const sums = [this.#sums(n, `gamma${which}`), this.#sums(n, `beta${which}`)] as const;
    layerNormBackward(this.#workspace, d, x, rows, gamma, stats, d, ...sums);
  }

  /** What a residual branch gets of the gradient of the sum. */
  #branchOf(d: Matrix, factors: F32Buffer | null, rows: number): Matrix {
    if (!factors) return d;
    multiply(this.#workspace, d, factors, this.#branch, rows);
    return this.#branch;
  }

  /** gradient ← dyᵀ x. */
  #weights(n: number, name: string, dy: Matrix, x: Matrix, rows: number): void {
    packColumns(this.#workspace, x.slice(0, rows), this.#rowPanels);
    const gradient = this.gradients[blockTable(n, name)];
    gemmTn(this.#workspace, dy.slice(0, rows), this.#rowPanels, gradient.dim, gradient);
  }

  /** dx ← dy W, or dx + dy W where `add`. */
  #input(n: number, name: string, dy: Matrix, dx: Matrix, count: number, add: boolean): void {
    const workspace = this.#workspace;
    const rows = roundUp(count, 4);
    const weights = this.#encoder.tables[blockTable(n, name)].slice(0, dy.dim);
    packColumns(workspace, weights, this.#weightPanels);
    gemmNt(workspace, dy.slice(0, rows), this.#weightPanels, weights.dim, dx.slice(0, rows), add);
  }

  #sums(n: number, name: string): F32Buffer {
    return this.gradients[blockTable(n, name)].row(0);
  }
}

/** Elements of packed rows of activations, and of packed weights. */
function panelSizes(shape: SequenceShape, rows: number): { rows: number; weights: number } {
  const dense = Object.values(sequenceTables(shape)).filter((layout) => layout.isDense);
  const columns = dense.reduce((most, layout) => Math.max(most, roundUp(layout.columns, 8)), 0);
  const weights = dense.reduce((most, layout) => Math.max(most, roundUp(layout.columns, 8) * layout.rows), 0);
  return { rows: columns * rows, weights };
}
