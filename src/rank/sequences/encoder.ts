import { attention, type Heads, type Sequences } from '../../kernels/attention.ts';
import { addBias, addGathered, addResidual, multiply } from '../../kernels/dropout.ts';
import { gelu } from '../../kernels/gelu.ts';
import { gemmNt, packPanels } from '../../kernels/gemm.ts';
import { layerNorm } from '../../kernels/layerNorm.ts';
import { gatherRows } from '../../kernels/rows.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../../runtime/buffers.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { Activations } from './activations.ts';
import {
  blockTable,
  headWidth,
  LAYER_NORM_EPSILON,
  openTables,
  type SequenceShape,
  type SequenceWeights,
  sequenceTables,
} from './weights.ts';

/** Sequences of items in a workspace, row by row behind one another. */
export interface ItemSequences extends Sequences {
  /** The item and the position of each row. */
  readonly items: I32Buffer;
  readonly positions: I32Buffer;
}

/** A row more for each of some sequences. */
export interface AddedRows {
  /** The item and the position of each. */
  readonly items: I32Buffer;
  readonly positions: I32Buffer;
  /** Where it stands among all rows: the last of its sequence. */
  readonly rows: I32Buffer;
  readonly count: number;
  readonly sequences: Sequences;
}

/**
 * The causal transformer of SASRec (Kang & McAuley, ICDM 2018) in the form of RecBole: item plus position, normalised; in
 * each block attention and a network of two layers with GELU (the exact one, by the error function), each with dropout, its
 * residual, and layer normalisation after it. A row depends on the rows before it in its sequence alone, and its bits on
 * neither the batch nor the number of threads.
 */
export class SequenceEncoder {
  readonly shape: SequenceShape;
  readonly tables: Readonly<Record<string, Matrix>>;
  readonly heads: Heads;
  readonly #workspace: Workspace;
  /** Weights of dense layers as products read them. */
  readonly #panels: Readonly<Record<string, F32Buffer>>;

  constructor(workspace: Workspace, shape: SequenceShape) {
    const { dim, heads } = shape;
    this.shape = shape;
    this.heads = { heads, width: headWidth(shape), scale: 1 / Math.sqrt(dim / heads) };
    this.tables = openTables(workspace, shape);
    this.#workspace = workspace;
    this.#panels = Object.fromEntries(
      panelSizes(shape).map(([name, length]) => [name, workspace.f32(length)]),
    );
  }

  /** Takes weights of its shape. */
  take({ tables }: SequenceWeights): void {
    for (const [name, { values }] of Object.entries(tables)) this.tables[name].write(values);
    this.pack();
  }

  /** Takes over weights that have changed. */
  pack(): void {
    const layouts = sequenceTables(this.shape);
    for (const [name, panels] of Object.entries(this.#panels))
      packPanels(this.#workspace, this.tables[name].slice(0, layouts[name].rows), panels);
  }

  /** Hidden states of all rows, in the last of `activations.x`. @param items rows of items, as wide as hidden states */
  forward(items: Matrix, sequences: ItemSequences, activations: Activations): Matrix {
    const { blocks } = this.shape;
    this.#embed(items, sequences, activations);
    for (let n = 0; n < blocks; n++) {
      this.#attend(n, sequences, activations);
      const own = activations.blocks[n];
      this.#rest(n, activations, activations.x[n], own.mixed, activations.x[n + 1], sequences.rows);
    }
    return activations.x[blocks];
  }

  /**
   * out[s] ← the hidden state of the last row of sequence s, to the bit that of `forward`. Nothing is dropped.
   * @param lastRows [sequences.count]
   * @param out rows rounded up to 4; `mixed` likewise, as wide as the heads
   */
  last(
    items: Matrix,
    sequences: ItemSequences,
    activations: Activations,
    lastRows: I32Buffer,
    mixed: Matrix,
    out: Matrix,
  ): void {
    const { count, rows } = sequences;
    const end = this.shape.blocks - 1;
    this.#embed(items, sequences, activations);
    for (let n = 0; n < end; n++) {
      this.#attend(n, sequences, activations);
      this.#rest(n, activations, activations.x[n], activations.blocks[n].mixed, activations.x[n + 1], rows);
    }
    this.#attend(end, sequences, activations, 1);
    gatherRows(this.#workspace, activations.blocks[end].mixed, lastRows, count, mixed);
    gatherRows(this.#workspace, activations.x[end], lastRows, count, out);
    this.#rest(end, activations, out, mixed, out, count);
  }

  /**
   * out[s] ← the hidden state of one more row of each sequence, to the bit that of `forward`. Nothing is dropped.
   * @param cache queries, keys and values of all rows, block by block; those of the added rows are written
   * @param mixed as many rows as `cache`, as wide as the heads: scratch
   * @param out rows rounded up to 4
   */
  extend(
    items: Matrix,
    added: AddedRows,
    cache: readonly Matrix[],
    mixed: Matrix,
    activations: Activations,
    out: Matrix,
  ): void {
    const { rows, sequences, count } = added;
    const workspace = this.#workspace;
    this.#input(items, added, count, activations, out);
    for (let n = 0; n < this.shape.blocks; n++) {
      const { qkv, weights, mixed: own } = activations.blocks[n];
      this.#product(n, 'qkv', out, qkv, count);
      addBias(workspace, qkv, this.#row(n, 'qkvBias'), count);
      copyRowsTo(qkv, rows.view.subarray(0, count), cache[n]);
      const given = [this.heads, sequences, null, weights, mixed, activations.room, 1] as const;
      attention(workspace, cache[n], ...given);
      gatherRows(workspace, mixed, rows, count, own);
      this.#rest(n, activations, out, own, out, count);
    }
  }

  #embed(items: Matrix, sequences: ItemSequences, to: Activations): void {
    const { rows } = sequences;
    const { x, factors } = to;
    this.#input(items, sequences, rows, to, x[0]);
    if (factors) multiply(this.#workspace, x[0], factors.input, x[0], rows);
  }

  /** out ← item plus position, normalised. */
  #input(
    items: Matrix,
    { items: rows, positions }: Pick<ItemSequences, 'items' | 'positions'>,
    count: number,
    { input, stats }: Activations,
    out: Matrix,
  ): void {
    const { tables } = this;
    const workspace = this.#workspace;
    gatherRows(workspace, items, rows, count, input);
    addGathered(workspace, tables.positions, positions, count, input);
    const [gamma, beta] = [tables.gamma.row(0), tables.beta.row(0)];
    layerNorm(workspace, input, count, gamma, beta, LAYER_NORM_EPSILON, out, stats);
  }

  #attend(
    n: number,
    sequences: Sequences,
    { x, blocks, factors, room }: Activations,
    queries?: number,
  ): void {
    const { qkv, weights, mixed } = blocks[n];
    const workspace = this.#workspace;
    this.#product(n, 'qkv', x[n], qkv, sequences.rows);
    addBias(workspace, qkv, this.#row(n, 'qkvBias'), sequences.rows);
    const dropped = factors?.blocks[n].attention ?? null;
    attention(workspace, qkv, this.heads, sequences, dropped, weights, mixed, room, queries);
  }

  /** All of a block behind attention; `out` may be x. */
  #rest(
    n: number,
    { blocks, factors }: Activations,
    x: Matrix,
    mixed: Matrix,
    out: Matrix,
    count: number,
  ): void {
    const { first, stats1, middle, units, active, second, stats2 } = blocks[n];
    const workspace = this.#workspace;
    const dropped = factors?.blocks[n];
    const row = (name: string) => this.#row(n, name);
    this.#product(n, 'out', mixed, first, count);
    addResidual(workspace, first, row('outBias'), dropped?.out ?? null, x, count);
    layerNorm(workspace, first, count, row('gamma1'), row('beta1'), LAYER_NORM_EPSILON, middle, stats1);
    this.#product(n, 'inner', middle, units, count);
    gelu(workspace, units, count, row('innerBias'), active);
    this.#product(n, 'outer', active, second, count);
    addResidual(workspace, second, row('outerBias'), dropped?.outer ?? null, middle, count);
    layerNorm(workspace, second, count, row('gamma2'), row('beta2'), LAYER_NORM_EPSILON, out, stats2);
  }

  #product(n: number, name: string, x: Matrix, y: Matrix, count: number): void {
    const key = blockTable(n, name);
    const rows = roundUp(count, 4);
    const outputs = this.#panels[key].length / this.tables[key].dim;
    gemmNt(this.#workspace, x.slice(0, rows), this.#panels[key], outputs, y.slice(0, rows));
  }

  #row(n: number, name: string): F32Buffer {
    return this.tables[blockTable(n, name)].row(0);
  }
}

/** to[rows[n]] ← from[n]. */
function copyRowsTo(from: Matrix, rows: Int32Array, to: Matrix): void {
  const [source, target] = [from.view, to.view];
  for (const [n, row] of rows.entries())
    target.set(source.subarray(n * from.stride, n * from.stride + from.dim), row * to.stride);
}

/** Panels of the dense layers: outputs rounded up to 8 × inputs. */
function panelSizes(shape: SequenceShape): [name: string, length: number][] {
  return Object.entries(sequenceTables(shape))
    .filter(([, { isDense }]) => isDense)
    .map(([name, { rows, columns }]) => [name, roundUp(rows, 8) * columns]);
}
