import type { CsrMatrix, I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/**
 * LightGCN's propagation Z = 1/(L+1) · (E⁽⁰⁾ + Â₁ E⁽⁰⁾ + Â₂ Â₁ E⁽⁰⁾ + …) and its backward pass over L layers, each with a
 * symmetric graph of its own or all with the same. With one graph it goes by Horner's rule, X ← E⁽⁰⁾ + Â X.
 */
export class Propagation {
  readonly #workspace: Workspace;
  readonly #graphs: readonly CsrMatrix[];
  readonly #tables: readonly Matrix[];
  readonly #oneGraph: boolean;

  /**
   * @param graphs the graph of each layer
   * @param tables numNodes × dim, overwritten by every call: `propagationTables` many
   */
  constructor(workspace: Workspace, graphs: readonly CsrMatrix[], tables: readonly Matrix[]) {
    this.#workspace = workspace;
    this.#graphs = graphs;
    this.#tables = tables;
    this.#oneGraph = graphs.every((graph) => graph === graphs[0]);
  }

  /** Z of all nodes, in one of the tables; E⁽⁰⁾ itself for 0 layers. */
  all(e0: Matrix): Matrix {
    if (this.#graphs.length === 0) return e0;
    const { kernels } = this.#workspace;
    const { x, sum } = this.#beforeLast(e0);
    const out = this.#tables.find((table) => table !== x)!;
    kernels.spmm(this.#last, x, sum === e0 ? out : sum, sum, this.scale);
    return sum === e0 ? out : sum;
  }

  /** out[i] ← Z[nodes[i]]. */
  rows(e0: Matrix, nodes: I32Buffer, count: number, out: Matrix): void {
    const { kernels } = this.#workspace;
    if (this.#graphs.length === 0) {
      kernels.gatherRows(e0, nodes, count, out);
      return;
    }
    const { x, sum } = this.#beforeLast(e0);
    kernels.spmmRows(this.#last, x, nodes, count, out, sum, this.scale);
  }

  /** total += Â₁ (G + Â₂ (G + …)): the gradient of E⁽⁰⁾ but for G itself and the factor `scale`. */
  addBackward(g: Matrix, total: Matrix): void {
    const { kernels } = this.#workspace;
    let y = g;
    for (let layer = this.#graphs.length; layer > 1; layer--) {
      const next = this.#tables[layer % 2];
      kernels.spmm(this.#graphs[layer - 1], y, next, g);
      y = next;
    }
    if (this.#graphs.length > 0) kernels.spmm(this.#graphs[0], y, total, total);
  }

  /** 1/(L+1) */
  get scale(): number {
    return 1 / (this.#graphs.length + 1);
  }

  get #last(): CsrMatrix {
    return this.#graphs[this.#graphs.length - 1];
  }

  /** X and S, of which the last layer makes Z = scale · (S + Â_L X). */
  #beforeLast(e0: Matrix): { x: Matrix; sum: Matrix } {
    const { kernels } = this.#workspace;
    let x = e0;
    let sum = e0;
    for (let layer = 1; layer < this.#graphs.length; layer++) {
      const next = this.#tables[(layer - 1) % 2];
      if (this.#oneGraph) {
        kernels.spmm(this.#graphs[layer - 1], x, next, e0);
      } else {
        // S gains the layer that X becomes: a second product costs no table of its own.
        kernels.spmm(this.#graphs[layer - 1], x, this.#tables[2], sum);
        kernels.spmm(this.#graphs[layer - 1], x, next);
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
