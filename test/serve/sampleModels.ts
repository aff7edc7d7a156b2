import { PURPOSE, Random } from '../../src/runtime/random.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';

export const NUM_USERS = 9;
export const NUM_ITEMS = 61;
export const DIM = 13;

const CATEGORIES = ['Books', 'Toys', 'Garden'];

/** Random factors; user u has items u, 2u … of which every third is not liked; columns of every type. */
export function factorModel(): ModelData {
  const random = new Random(5, PURPOSE.synthetic);
  const table = (rows: number) => Float32Array.from({ length: rows * DIM }, () => random.uniform() - 0.4);
  const had = Array.from({ length: NUM_USERS }, (_, user) =>
    Array.from({ length: NUM_ITEMS }, (_, item) => item).filter((item) => item % (user + 2) === 0),
  );
  const colIdx = had.flat();
  const liked = new Uint8Array(Math.ceil(colIdx.length / 8));
  for (const at of colIdx.keys()) if (at % 3 !== 1) liked[at >> 3] |= 1 << (at & 7);
  const itemDegrees = new Int32Array(NUM_ITEMS);
  for (const item of colIdx) itemDegrees[item]++;
  return {
    userIds: Array.from({ length: NUM_USERS }, (_, n) => `user ${n}`),
    itemIds: Array.from({ length: NUM_ITEMS }, (_, n) => `item ${n}`),
    itemTitles: Array.from({ length: NUM_ITEMS }, (_, n) => `Title ${n}`),
    dim: DIM,
    userFactors: table(NUM_USERS),
    itemFactors: table(NUM_ITEMS),
    itemDegrees,
    seen: {
      rowPtr: Int32Array.of(0, ...had.map((_, user) => had.slice(0, user + 1).flat().length)),
      colIdx: Int32Array.from(colIdx),
    },
    liked,
    config: {},
    metrics: {},
    attributes: {
      category: {
        type: 'text',
        dictionary: CATEGORIES,
        codes: Int32Array.from({ length: NUM_ITEMS }, (_, n) => (n % 4) - 1),
      },
      price: {
        type: 'number',
        values: Float64Array.from({ length: NUM_ITEMS }, (_, n) => (n % 7 === 0 ? Number.NaN : n)),
      },
      stock: { type: 'boolean', values: Uint8Array.from({ length: NUM_ITEMS }, (_, n) => n % 2) },
    },
  };
}

/** Sparse rows: item i points to i + 1, i + 2 … i + 5 with falling weights; no factors. */
export function rowModel(): ModelData {
  const { attributes, ...model } = factorModel();
  const rows = Array.from({ length: NUM_ITEMS }, (_, item) =>
    [1, 2, 3, 4, 5].map((step) => item + step).filter((to) => to < NUM_ITEMS),
  );
  return {
    ...model,
    dim: 0,
    userFactors: null,
    itemFactors: new Float32Array(0),
    rows: {
      numItems: NUM_ITEMS,
      rowPtr: Int32Array.of(0, ...rows.map((_, n) => rows.slice(0, n + 1).flat().length)),
      indices: Int32Array.from(rows.flat()),
      weights: Float32Array.from(
        rows.flatMap((row, item) => row.map((to) => 1 / (to - item) + (item % 5) / 16)),
      ),
    },
  };
}

/** Factors and rows together. */
export function blendModel(): ModelData {
  return {
    ...factorModel(),
    rows: rowModel().rows,
    blend: [
      { part: 'factors', weight: 0.6, deviation: 0.5 },
      { part: 'rows', weight: 0.4, deviation: 0.25 },
    ],
  };
}

/** Scores of all items for rows of a table, by the scalar f32 loop. */
export function scoresOf(model: ModelData, row: ArrayLike<number>): Float32Array {
  return Float32Array.from(model.itemIds, (_, item) => {
    let sum = 0;
    for (let c = 0; c < model.dim; c++)
      sum = Math.fround(sum + Math.fround(row[c] * model.itemFactors[item * model.dim + c]));
    return sum;
  });
}

/** The row of a user. */
export function userRow(model: ModelData, user: number): Float32Array {
  return model.userFactors!.subarray(user * model.dim, (user + 1) * model.dim);
}

/** Items a user has, and those of them that are liked. */
export function itemsOf({ seen, liked }: ModelData, user: number): { had: number[]; liked: number[] } {
  const [begin, end] = [seen!.rowPtr[user], seen!.rowPtr[user + 1]];
  const had = [...seen!.colIdx.subarray(begin, end)];
  return { had, liked: had.filter((_, n) => (liked![(begin + n) >> 3] >> ((begin + n) & 7)) & 1) };
}

/** All items by falling score, ties in order, those that do not pass left out. */
export function sorted(scores: ArrayLike<number>, passes: (item: number) => boolean = () => true): string[] {
  return Array.from(scores, (_, item) => item)
    .filter(passes)
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .map((item) => `item ${item}`);
}
