import {
  headWidth,
  type SequenceShape,
  type SequenceWeights,
  sequenceTables,
} from '../../../src/rank/sequences/weights.ts';
import { type SasRec, tablesOf } from '../../reference.ts';

/** The shape of a model of the reference. */
export function shapeOf(model: SasRec, heads: number): SequenceShape {
  const dim = model.items.cols;
  return { dim, heads, blocks: model.blocks.length, maxLength: model.positions.rows, inner: 4 * dim };
}

/** The tables of a model of the reference, heads padded. */
export function weightsOf(model: SasRec, heads: number): SequenceWeights {
  const shape = shapeOf(model, heads);
  const width = headWidth(shape);
  const own = shape.dim / heads;
  const found = new Map(tablesOf(model));
  const tables = Object.entries(sequenceTables(shape)).map(([name, { rows, columns }]) => {
    const [, n, part] = /^block(\d+)\.(.+)$/.exec(name) ?? [];
    const { data, cols } = found.get(part ? `${part}${n}` : name)!;
    const values = new Float32Array(rows * columns);
    const place = (at: number) => Math.floor(at / own) * width + (at % own);
    for (let k = 0; k < data.length; k++) {
      const [r, c] = [Math.floor(k / cols), k % cols];
      const row = part === 'qkv' ? place(r) : r;
      const column = part === 'out' || part === 'qkvBias' ? place(c) : c;
      values[row * columns + column] = data[k];
    }
    return [name, { rows, columns, values }];
  });
  return { ...shape, tables: Object.fromEntries(tables) };
}

/** The values of a model in the order of `SequenceParameters.values`, heads padded. */
export function packed(model: SasRec, heads: number): Float32Array {
  const tables = Object.values(weightsOf(model, heads).tables);
  return Float32Array.from([...model.items.data, ...tables.flatMap(({ values }) => [...values])]);
}
