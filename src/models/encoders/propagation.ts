import type { GraphSize } from '../../data/graph.ts';
import { gatherRows } from '../../kernels/rows.ts';
import { spmm, spmmRows } from '../../kernels/spmm.ts';
import type { I32Buffer, Matrix, Table } from '../../runtime/buffers.ts';
import type { CsrMatrix } from '../../runtime/csrMatrix.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/**
 * LightGCN's propagation Z = 1/(L+1) · (E⁽⁰⁾ + Â₁ E⁽⁰⁾ + Â₂ Â₁ E⁽⁰⁾ + …) and its backward pass over L layers, each with a
 * symmetric graph of its own or all with the same. With one graph it goes by Horner's rule, X ← E⁽⁰⁾ + Â X, with D^-½ X
 * in the place of X between the layers, which spares the weights (assembly/strip.ts).
 */
export class Propagation {
  readonly #workspace: Workspace;
  readonly #graphs: readonly CsrMatrix[];
  readonly #tables: readonly Table[];
  readonly #oneGraph: boolean;

  /**
   * @param graphs the graph of each layer
   * @param tables numNodes × dim, in the layout of E⁽⁰⁾, overwritten by every call: `propagationTables` many
   */
  constructor(workspace: Workspace, graphs: readonly CsrMatrix[], tables: readonly Table[]) {
    this.#workspace = workspace;
    this.#graphs = graphs;
    this.#tables = tables;
    this.#oneGraph = graphs.every((graph) => graph === graphs[0]);
  }

  /** Whether tables between the layers hold D^-½ times their values. */
  get scaled(): boolean {
    return this.#oneGraph && this.#graphs.length > 1 && this.#graphs[0].norms !== null;
  }

  /** Z of all nodes, row-major, in one of the tables; E⁽⁰⁾ itself, which is row-major then, for 0 layers. */
  all(e0: Table): Matrix {
    if (this.#graphs.length === 0) return e0.overlay();
    const { x, sum } = this.#beforeLast(e0);
    const out = this.#tables.find((table) => table !== x && table !== sum)!.overlay();
    spmm(this.#workspace, this.#last, x, out, sum, {
      scale: this.scale,
      scaledIn: this.#isScaled(x, e0),
    });
    return out;
  }

  /** out[i] ← Z[nodes[i]]. */
  rows(e0: Table, nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    if (this.#graphs.length === 0) {
      gatherRows(this.#workspace, e0, nodes, count, out);
      return;
    }
    const { x, sum } = this.#beforeLast(e0);
    const options = { scale: this.scale, scaledIn: this.#isScaled(x, e0) };
    spmmRows(this.#workspace, this.#last, x, nodes, count, out, sum, options);
  }

  /** total += Â₁ (G + Â₂ (G + …)): the gradient of E⁽⁰⁾ but for G itself and the factor `scale`. */
  addBackward(g: Table, total: Table): void {
    let y = g;
    for (let layer = this.#graphs.length; layer > 1; layer--) {
      const next = this.#tables[layer % 2];
      const options = { scaledIn: this.#isScaled(y, g), scaledOut: this.scaled };
      spmm(this.#workspace, this.#graphs[layer - 1], y, next, g, options);
      y = next;
    }
    if (this.#graphs.length === 0) return;
    spmm(this.#workspace, this.#graphs[0], y, total, total, { scaledIn: this.#isScaled(y, g) });
  }

  /** 1/(L+1) */
  get scale(): number {
    return 1 / (this.#graphs.length + 1);
  }

  get #last(): CsrMatrix {
    return this.#graphs[this.#graphs.length - 1];
  }

  /** Whether a table on the way from `start` is one between the layers. */
  #isScaled(table: Table, start: Table): boolean {
    return this.scaled && table !== start;
  }

  /** X and S, of which the last layer makes Z = scale · (S + Â_L X). */
  #beforeLast(e0: Table): { x: Table; sum: Table } {
    let x = e0;
    let sum = e0;
    for (let layer = 1; layer < this.#graphs.length; layer++) {
      const next = this.#tables[(layer - 1) % 2];
      if (this.#oneGraph) {
        const options = { scaledIn: this.#isScaled(x, e0), scaledOut: this.scaled };
        spmm(this.#workspace, this.#graphs[layer - 1], x, next, e0, options);
      } else {
        // S gains the layer that X becomes: a second product costs no table of its own.
        spmm(this.#workspace, this.#graphs[layer - 1], x, this.#tables[2], sum);
        spmm(this.#workspace, this.#graphs[layer - 1], x, next);
        sum = this.#tables[2];
      }
      x = next;
    }
    return { x, sum };
  }
}

/** How many tables a `Propagation` over so many layers needs. */
export function propagationTables(layers: number, oneGraph = true): number {
  return oneGraph || layers < 2 ? Math.min(layers, 2) : 3;
}

/** Multiplications of an update through so many layers: forward, backward and Adam's step. */
export function propagationWork({ numNodes, numEdges }: GraphSize, dim: number, layers: number): number {
  return dim * (4 * layers * numEdges + 12 * numNodes);
}

/** A table of zeros for E⁽⁰⁾, in the layout of whole products where there are any: one layer gathers for a batch only. */
export function propagatedTable(
  workspace: Workspace,
  { numNodes }: GraphSize,
  dim: number,
  layers: number,
): Table {
  return layers > 1 ? workspace.table(numNodes, dim) : workspace.matrix(numNodes, dim);
}
