import type { ItemCodes } from '../../data/itemCodes.ts';
import { unitStride } from '../../kernels/blocks.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/**
 * The size of a causal transformer over items.
 *
 * @example
 * const shape: SequenceShape = { dim: 8, heads: 1, blocks: 2, maxLength: 50, inner: 8 };
 */
export interface SequenceShape {
  readonly dim: number;
  /** A divisor of dim. */
  readonly heads: number;
  readonly blocks: number;
  /** Items of a history that are read: the last so many. */
  readonly maxLength: number;
  /** Width between the two layers of a block's network. */
  readonly inner: number;
}

/**
 * A dense table, row by row.
 *
 * @example
 * const table: DenseTable = { rows: 1, columns: 2, values: Float32Array.of(1, 2) };
 */
export interface DenseTable {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/**
 * A trained transformer without its item table: what turns an ordered history into a row that scores items.
 *
 * @example
 * const trained = await train({ split }, { model: 'sasrec', dim: 8, epochs: 1 });
 * const weights: SequenceWeights = (trained.scorer as SequenceScorer).tables.weights;
 */
export interface SequenceWeights extends SequenceShape {
  /** Dense tables by name; see `sequenceTables`. */
  readonly tables: Readonly<Record<string, DenseTable>>;
  /** Of a transformer that reads and writes codes of items in the place of items (`tiger`). Default: none. */
  readonly codes?: CodeWeights | null;
}

/**
 * What a transformer over codes has beside its tables.
 *
 * @example
 * const trained = await train({ split, embeddings }, { model: 'tiger', dim: 8, epochs: 1 });
 * const codes: CodeWeights | null | undefined = (trained.scorer as CodeScorer).weights.codes;
 */
export interface CodeWeights extends ItemCodes {
  /** Rows of all tokens: those of the first column's codes, of the second's, and so on; tokens × dim. */
  readonly tokens: Float32Array;
  /** Prefixes of codes that are followed at a time: see `CodeScorer`. */
  readonly beams: number;
}

/** How a table lies in memory. */
export interface TableLayout {
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  /** Rows with those that a product writes beyond. */
  readonly room: number;
  /** Of the weights of a dense layer: outputs × inputs. */
  readonly isDense: boolean;
}

/** ε of layer normalisation (RecBole). */
export const LAYER_NORM_EPSILON = 1e-12;

/** Columns of a head in queries, keys and values: dim / heads, rounded up to 4 by columns of zeros. */
export function headWidth({ dim, heads }: Pick<SequenceShape, 'dim' | 'heads'>): number {
  return roundUp(dim / heads, 4);
}

/** Columns of the heads of queries, keys or values side by side. */
export function headColumns(shape: Pick<SequenceShape, 'dim' | 'heads'>): number {
  return shape.heads * headWidth(shape);
}

/** Stride of tables of rows of so many columns that are no hidden states. */
export function wideStride(columns: number): number {
  return roundUp(columns, 8);
}

/** Name of a table of block n. */
export function blockTable(n: number, name: string): string {
  return `block${n}.${name}`;
}

/**
 * All tables by name. `positions` [maxLength × dim] and `gamma`, `beta` [dim] make the first block's input; each block
 * has `qkv`, `out`, `inner`, `outer` (outputs × inputs), their offsets `…Bias`, and `gamma1`, `beta1`, `gamma2`, `beta2` of
 * its two normalisations. Rows of `qkv` are the heads of the queries, of the keys, then of the values.
 */
export function sequenceTables(shape: SequenceShape): Readonly<Record<string, TableLayout>> {
  const { dim, blocks, maxLength, inner } = shape;
  const heads = headColumns(shape);
  const hidden = (rows = 1): TableLayout => {
    return { rows, columns: dim, stride: unitStride(dim), room: rows, isDense: false };
  };
  const offset = (columns: number): TableLayout => {
    return { rows: 1, columns, stride: wideStride(columns), room: 1, isDense: false };
  };
  const dense = (rows: number, columns: number): TableLayout => {
    return { rows, columns, stride: wideStride(columns), room: roundUp(rows, 4), isDense: true };
  };
  const block = {
    ...{ qkv: dense(3 * heads, dim), qkvBias: offset(3 * heads), out: dense(dim, heads), outBias: hidden() },
    ...{ gamma1: hidden(), beta1: hidden(), inner: dense(inner, dim), innerBias: offset(inner) },
    ...{ outer: dense(dim, inner), outerBias: hidden(), gamma2: hidden(), beta2: hidden() },
  };
  const all: Record<string, TableLayout> = { positions: hidden(maxLength), gamma: hidden(), beta: hidden() };
  for (let n = 0; n < blocks; n++)
    for (const [name, layout] of Object.entries(block)) all[blockTable(n, name)] = layout;
  return all;
}

/** The tables in a workspace, zeros. */
export function openTables(workspace: Workspace, shape: SequenceShape): Record<string, Matrix> {
  return Object.fromEntries(
    Object.entries(sequenceTables(shape)).map(([name, { room, columns, stride }]) => [
      name,
      workspace.matrix(room, columns, stride),
    ]),
  );
}

/** Dense copies of tables, without the rows beyond their own. */
export function readTables(
  shape: SequenceShape,
  tables: Readonly<Record<string, Matrix>>,
): Record<string, DenseTable> {
  return Object.fromEntries(
    Object.entries(sequenceTables(shape)).map(([name, { rows, columns }]) => [
      name,
      { rows, columns, values: tables[name].slice(0, rows).read() },
    ]),
  );
}
