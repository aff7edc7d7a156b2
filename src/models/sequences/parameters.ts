import type { GraphSize } from '../../data/graph.ts';
import { unitTable } from '../../kernels/blocks.ts';
import type { SequenceEncoder } from '../../rank/sequences/encoder.ts';
import { openTables, readTables, sequenceTables } from '../../rank/sequences/weights.ts';
import type { Matrix, Table } from '../../runtime/buffers.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { AdapterWeights } from '../parameters/adapterRows.ts';
import { AdapterTable } from '../parameters/adapterTable.ts';
import { copyOf, EmbeddingTable } from '../parameters/embeddingTable.ts';
import { applyUpdate, Optimizer, type OptimizerOptions } from '../parameters/optimizer.ts';
import type { ModelState, TextHold, TrainedState } from '../parameters/parameters.ts';

/** Standard deviation of the initial weights (RecBole, `initializer_range`). */
const INITIAL_DEVIATION = 0.02;

/** Rows of items, and the tables of a transformer over them. */
export class SequenceParameters implements TrainedState {
  /** Rows of items as they are scored. */
  readonly scored: Matrix;
  readonly #workspace: Workspace;
  readonly #seed: number;
  readonly #items: EmbeddingTable;
  readonly #encoder: SequenceEncoder;
  readonly #m: Readonly<Record<string, Matrix>>;
  readonly #v: Readonly<Record<string, Matrix>>;
  readonly #optimizer: Optimizer;
  /** The gradient of the items as their table lies, where that is not as they are scored. */
  readonly #narrow: Matrix | null;

  constructor(
    workspace: Workspace,
    encoder: SequenceEncoder,
    numItems: number,
    { optimizer, frozenColumns, adapter, seed }: TextHold & { optimizer: OptimizerOptions; seed: number },
    stepsPerEpoch: number,
  ) {
    const { shape } = encoder;
    const { dim } = shape;
    const table = () => unitTable(workspace, numItems, dim).slice(0, numItems);
    this.#workspace = workspace;
    this.#encoder = encoder;
    this.#items = adapter
      ? new AdapterTable(workspace, itemsAlone(numItems), dim, optimizer, stepsPerEpoch, adapter)
      : new EmbeddingTable(workspace, table, optimizer, stepsPerEpoch, frozenColumns);
    this.#narrow = adapter ? workspace.matrix(numItems, dim) : null;
    this.scored = adapter ? table() : (this.#items.e0 as Matrix);
    [this.#m, this.#v] = [openTables(workspace, shape), openTables(workspace, shape)];
    this.#optimizer = new Optimizer(optimizer, stepsPerEpoch);
    this.#seed = seed;
  }

  /** Fills what was laid out. @param initial rows of items, numItems × dim */
  start(initial: Float32Array): void {
    this.#items.start(initial);
    this.#initialize();
    this.#score();
  }

  get e0(): Table {
    return this.#items.e0;
  }

  get steps(): number {
    return this.#items.steps;
  }

  /** One update. @param dItems as `scored` */
  update(dItems: Matrix, gradients: Readonly<Record<string, Matrix>>): void {
    if (this.#narrow) copyRows(dItems, this.#narrow);
    this.#items.update(this.#narrow ?? dItems);
    const update = this.#optimizer.next();
    for (const [name, table] of Object.entries(this.#encoder.tables))
      applyUpdate(this.#workspace, update, table, gradients[name], this.#m[name], this.#v[name]);
    this.#score();
  }

  values(): Float32Array {
    const { shape, tables } = this.#encoder;
    return joined([
      this.#items.values(),
      ...Object.values(readTables(shape, tables)).map(({ values }) => values),
    ]);
  }

  setValues(values: Float32Array): void {
    const { shape, tables } = this.#encoder;
    let at = this.#items.values().length;
    this.#items.setValues(values.subarray(0, at));
    for (const [name, { rows, columns }] of Object.entries(sequenceTables(shape))) {
      tables[name].write(values.subarray(at, at + rows * columns));
      at += rows * columns;
    }
    this.#score();
  }

  state(): ModelState {
    const state = this.#items.state();
    for (const [name, { rows }] of Object.entries(sequenceTables(this.#encoder.shape))) {
      state[name] = copyOf(this.#encoder.tables[name].slice(0, rows));
      state[`${name}.m`] = copyOf(this.#m[name].slice(0, rows));
      state[`${name}.v`] = copyOf(this.#v[name].slice(0, rows));
    }
    return state;
  }

  restore(state: ModelState, steps: number): void {
    this.#items.restore(state, steps);
    for (const name of Object.keys(this.#encoder.tables)) {
      this.#encoder.tables[name].write(state[name].values);
      this.#m[name].write(state[`${name}.m`].values);
      this.#v[name].write(state[`${name}.v`].values);
    }
    this.#optimizer.steps = steps;
    this.#score();
  }

  itemMap(): AdapterWeights | null {
    return this.#items.itemMap();
  }

  /** Uniform numbers of the deviation of RecBole's, which are normal; gains 1, offsets 0. Columns of no head stay 0. */
  #initialize(): void {
    const random = new Random(this.#seed, PURPOSE.xavier, 3);
    const bound = INITIAL_DEVIATION * Math.sqrt(3);
    const { shape, tables, heads } = this.#encoder;
    const ownColumns = shape.dim / shape.heads;
    for (const [name, { rows, columns, isDense }] of Object.entries(sequenceTables(shape))) {
      const kind = name.slice(name.indexOf('.') + 1);
      if (kind.startsWith('gamma')) tables[name].row(0).view.fill(1);
      if (!isDense && name !== 'positions') continue;
      const values = Float32Array.from({ length: rows * columns }, (_, n) => {
        const head = kind === 'qkv' ? Math.floor(n / columns) : kind === 'out' ? n % columns : 0;
        const value = bound * (2 * random.uniform() - 1);
        return head % heads.width < ownColumns ? value : 0;
      });
      tables[name].write(values);
    }
  }

  /** Brings up to date what is made of the parameters. */
  #score(): void {
    if (this.#narrow) copyRows(this.#items.e0 as Matrix, this.scored);
    this.#encoder.pack();
  }
}

/** Nodes of items without users: what the tables of graph models are made for. */
function itemsAlone(numItems: number): GraphSize {
  const size = { numUsers: 0, numItems, numNodes: numItems };
  return { ...size, numEdges: 0, maxDegree: 0, userDegrees: new Int32Array(0) };
}

function copyRows(from: Matrix, to: Matrix): void {
  const [source, target] = [from.view, to.view];
  for (let r = 0; r < to.rows; r++)
    target.set(source.subarray(r * from.stride, r * from.stride + from.dim), r * to.stride);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
