import type { GraphSize } from '../../data/graph.ts';
import type { InputOptions } from '../../kernels/layout.ts';
import { addScaledRows } from '../../kernels/rows.ts';
import { batchGradient } from '../../kernels/step.ts';
import type { Matrix, Table } from '../../runtime/buffers.ts';
import type { CsrMatrix } from '../../runtime/csrMatrix.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';
import { checkLayers, checkVectors } from './adapterChecks.ts';
import type { AdapterWeights } from './adapterRows.ts';
import { DenseLayer } from './denseLayer.ts';
import { copyOf, EmbeddingTable } from './embeddingTable.ts';
import { applyUpdate, type OptimizerOptions } from './optimizer.ts';
import type { ModelState } from './parameters.ts';

/**
 * Text vectors of the items, and the map that makes their rows of E⁽⁰⁾.
 *
 * @example
 * const { adapter } = await initialize(split.train, embeddings, { strategy: 'adapter', dim: 8 });
 * const options: AdapterOptions = { ...adapter!, layers: 2, hidden: 16 };
 */
export interface AdapterOptions {
  /** Dense numItems × width; rows of zeros where an item has no vector. */
  readonly features: Float32Array;
  /**
   * Dense numUsers × width, e.g. the mean of the vectors of a user's items: users' rows are the same map of these instead of
   * rows of their own (AlphaRec, Sheng et al., ICLR 2025). Default none. Not for models of sequences, which have no users.
   */
  readonly userFeatures?: Float32Array;
  readonly width: number;
  /** Dense dim × width: the linear map to start from. */
  readonly start: Float32Array;
  /** 1: x W. 2: x W + relu(x W₁) W₂, the branch starting at zero. Default 1. */
  readonly layers?: 1 | 2;
  /** Columns of W₁. Default 128. */
  readonly hidden?: number;
  /** Of W₁. Default 2020. */
  readonly seed?: number;
}

/**
 * A layer-0 table whose item rows are a trained map of text vectors: no row belongs to an item alone, so that new items
 * get theirs for nothing (MoRec's form with a frozen encoder, Yuan et al., SIGIR 2023). Users have rows of their own, or are
 * mapped as well.
 * Deviation: the map starts from a given linear one, and its second layer is a branch that starts at zero.
 */
export class AdapterTable extends EmbeddingTable {
  readonly #options: AdapterOptions;
  readonly #numUsers: number;
  readonly #numItems: number;
  /** The first node whose row is mapped; those before it have rows of their own. */
  readonly #first: number;
  readonly #mapped: number;
  readonly #total: Matrix;
  readonly #features: Matrix;
  readonly #rows: Matrix;
  readonly #linear: DenseLayer;
  readonly #branch: {
    inner: DenseLayer;
    outer: DenseLayer;
    hidden: Matrix;
    dHidden: Matrix;
    out: Matrix;
  } | null;
  readonly #dRows: Matrix;

  /**
   * @throws {OptionError} on an unknown number of layers, or hidden < 1
   */
  constructor(
    workspace: Workspace,
    graph: GraphSize,
    dim: number,
    optimizer: OptimizerOptions,
    stepsPerEpoch: number,
    options: AdapterOptions,
  ) {
    super(workspace, () => workspace.matrix(graph.numNodes, dim), optimizer, stepsPerEpoch);
    const { width, layers = 1, hidden = 128, userFeatures } = options;
    const { numUsers, numItems, numNodes } = graph;
    checkLayers(options);
    this.#options = options;
    this.#first = userFeatures ? 0 : numUsers;
    this.#mapped = numNodes - this.#first;
    const rows = Math.ceil(this.#mapped / 4) * 4;
    const wide = Math.ceil(dim / 8) * 8;
    this.#numUsers = numUsers;
    this.#numItems = numItems;
    this.#total = workspace.matrix(numNodes, dim);
    this.#features = workspace.matrix(rows, width);
    this.#rows = workspace.matrix(rows, dim, wide);
    this.#dRows = workspace.matrix(rows, dim, wide);
    this.#linear = new DenseLayer(workspace, rows, width, dim);
    this.#branch = layers === 2 ? this.#openBranch(rows, width, hidden, dim) : null;
  }

  #openBranch(rows: number, width: number, hidden: number, dim: number) {
    const { workspace } = this;
    const inner = new DenseLayer(workspace, rows, width, hidden);
    const outer = new DenseLayer(workspace, rows, hidden, dim);
    const table = (columns: number) => workspace.matrix(rows, columns, Math.ceil(columns / 8) * 8);
    return { inner, outer, hidden: table(hidden), dHidden: table(hidden), out: table(dim) };
  }

  /**
   * @param initial E⁽⁰⁾, of which mapped rows are not read
   * @throws {ShapeError} when features or start do not fit
   */
  override start(initial: Float32Array): void {
    super.start(initial);
    checkVectors(this.#options, { users: this.#numUsers, items: this.#numItems }, this.#linear.outputs);
    const { features, userFeatures, start, seed = 2020 } = this.#options;
    if (userFeatures) this.#features.slice(0, this.#numUsers).write(userFeatures);
    this.#features.slice(this.#numUsers - this.#first, this.#numItems).write(features);
    this.#linear.weights.slice(0, this.#linear.outputs).write(start);
    this.#linear.setInput(this.#features);
    if (this.#branch) {
      const { weights, inputs, outputs } = this.#branch.inner;
      const random = new Random(seed, PURPOSE.xavier, 2);
      const bound = Math.sqrt(6 / (inputs + outputs));
      const values = Float32Array.from(
        { length: outputs * inputs },
        () => (2 * random.uniform() - 1) * bound,
      );
      weights.slice(0, outputs).write(values);
      this.#branch.inner.setInput(this.#features);
    }
    this.#fillMapped();
  }

  override update(gradient: Table): void {
    const { workspace } = this;
    const update = this.optimizer.next();
    // All of them are row-major.
    const own = (table: Table) => table.overlay().slice(0, this.#first);
    if (this.#first > 0)
      applyUpdate(workspace, update, own(this.e0), own(gradient), own(this.m), own(this.v));
    const wide = this.#dRows.view;
    const { stride } = this.#dRows;
    const narrow = gradient.view;
    for (let node = 0; node < this.#mapped; node++) {
      const at = (this.#first + node) * gradient.stride;
      wide.set(narrow.subarray(at, at + gradient.stride), node * stride);
    }
    this.#linear.backward(this.#dRows);
    if (this.#branch) this.#backwardBranch();
    for (const { weights, gradient: own, m, v } of this.#layers)
      applyUpdate(workspace, update, weights, own, m, v);
    this.#fillMapped();
  }

  override updateThrough(
    adjacency: CsrMatrix | null,
    y: Table | null,
    { gradient, scratch }: BatchRows,
    { nodes, numSlots }: PlannedBatch,
    options: InputOptions,
  ): void {
    batchGradient(this.workspace, adjacency, y, gradient, this.#total, scratch, options);
    addScaledRows(this.workspace, this.e0, nodes, gradient.decay, numSlots, this.#total, nodes);
    this.update(this.#total);
  }

  override values(): Float32Array {
    const parts = [super.values(), ...this.#layers.map(({ weights }) => weights.read())];
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  override setValues(values: Float32Array): void {
    let at = this.e0.rows * this.e0.dim;
    super.setValues(values.subarray(0, at));
    for (const { weights } of this.#layers) {
      const length = weights.rows * weights.dim;
      weights.write(values.subarray(at, at + length));
      at += length;
    }
    this.#fillMapped();
  }

  override state(): ModelState {
    const state = super.state();
    for (const [n, { weights, m, v }] of this.#layers.entries()) {
      state[`adapter${n}`] = copyOf(weights);
      state[`adapter${n}.m`] = copyOf(m);
      state[`adapter${n}.v`] = copyOf(v);
    }
    return state;
  }

  override restore(state: ModelState, steps: number): void {
    super.restore(state, steps);
    for (const [n, { weights, m, v }] of this.#layers.entries()) {
      weights.write(state[`adapter${n}`].values);
      m.write(state[`adapter${n}.m`].values);
      v.write(state[`adapter${n}.v`].values);
    }
    this.#fillMapped();
  }

  override itemMap(): AdapterWeights {
    const own = ({ weights, outputs }: DenseLayer) => weights.slice(0, outputs).read();
    const { inputs: width, outputs: dim } = this.#linear;
    const branch = this.#branch;
    return {
      ...{ width, dim, linear: own(this.#linear) },
      branch: branch && { hidden: branch.inner.outputs, inner: own(branch.inner), outer: own(branch.outer) },
    };
  }

  get #layers(): readonly DenseLayer[] {
    return this.#branch ? [this.#linear, this.#branch.inner, this.#branch.outer] : [this.#linear];
  }

  /** The rows of E⁽⁰⁾ that the map makes. */
  #fillMapped(): void {
    const rows = this.#rows;
    this.#linear.forward(this.#features, rows);
    if (this.#branch) {
      const { inner, outer, hidden, out } = this.#branch;
      inner.forward(this.#features, hidden);
      const units = hidden.view;
      for (let at = 0; at < units.length; at++) if (units[at] < 0) units[at] = 0;
      outer.forward(hidden, out);
      const [into, added] = [rows.view, out.view];
      for (let at = 0; at < into.length; at++) into[at] += added[at];
    }
    const { view, stride } = this.e0;
    const source = rows.view;
    for (let node = 0; node < this.#mapped; node++)
      view.set(
        source.subarray(node * rows.stride, node * rows.stride + stride),
        (this.#first + node) * stride,
      );
  }

  /** Gradients of W₂ and W₁ from that of the rows: dH = dE W₂ where the unit was on. */
  #backwardBranch(): void {
    const { inner, outer, hidden, dHidden } = this.#branch!;
    outer.setInput(hidden);
    outer.backward(this.#dRows);
    outer.backwardInput(this.#dRows, dHidden);
    const on = hidden.view;
    const into = dHidden.view;
    for (let at = 0; at < into.length; at++) if (!(on[at] > 0)) into[at] = 0;
    inner.backward(dHidden);
  }
}
