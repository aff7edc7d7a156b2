import { ShapeError, UnsupportedError } from '../../errors.ts';
import type { TokenMask } from './load.ts';
import type { TokenPooling } from './presets.ts';

/**
 * What a feature-extraction pipeline gives back: a float tensor, [texts × width] or, unpooled, [texts × tokens × width].
 *
 * @example
 * const tensor: FeatureTensor = { dims: [1, 3], data: Float32Array.of(0.1, 0.2, 0.3) };
 */
export interface FeatureTensor {
  readonly type?: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint>;
  /** Frees what the tensor holds outside of JavaScript's memory. */
  dispose?(): void;
}

/**
 * The rows of a pooled tensor, copied.
 * @throws {UnsupportedError} another type than float32
 * @throws {ShapeError} another shape than [count × width]
 */
export function pooledRows(tensor: FeatureTensor, count: number, model: string): Float32Array[] {
  const { dims } = tensor;
  const [rows, width] = dims;
  if (dims.length !== 2 || rows !== count || width < 1) throw wrongShape(tensor, `[${count} × width]`, model);
  const values = floats(tensor, rows * width, model);
  return Array.from({ length: rows }, (_, row) => values.subarray(row * width, (row + 1) * width));
}

/**
 * The vector of one token of each text.
 * @param places position of that token
 * @throws as `pooledRows`, for [count × tokens × width]
 */
export function tokenRows(tensor: FeatureTensor, places: readonly number[], model: string): Float32Array[] {
  const { dims } = tensor;
  const [rows, tokens, width] = dims;
  if (dims.length !== 3 || rows !== places.length || width < 1)
    throw wrongShape(tensor, `[${places.length} × tokens × width]`, model);
  const values = view(tensor, rows * tokens * width, model);
  return places.map((place, row) =>
    values.slice((row * tokens + place) * width, (row * tokens + place + 1) * width),
  );
}

/**
 * The vectors of texts from those of their tokens, padding left out.
 * @param tensor [texts × tokens × width]
 * @throws as `pooledRows`, for [texts × tokens × width]
 */
export function poolTokens(
  tensor: FeatureTensor,
  mask: TokenMask,
  pooling: TokenPooling,
  model: string,
): Float32Array[] {
  const [count, tokens] = mask.dims;
  const isPresent = (row: number, token: number) => Number(mask.data[row * tokens + token]) === 1;
  if (pooling === 'mean') return meanRows(tensor, mask, model);
  const places = Array.from({ length: count }, (_, row) => {
    const order = Array.from({ length: tokens }, (_, n) => (pooling === 'cls' ? n : tokens - 1 - n));
    return order.find((token) => isPresent(row, token)) ?? order[0];
  });
  return tokenRows(tensor, places, model);
}

function meanRows(tensor: FeatureTensor, mask: TokenMask, model: string): Float32Array[] {
  const [count, tokens] = mask.dims;
  const [rows, columns, width] = tensor.dims;
  if (tensor.dims.length !== 3 || rows !== count || columns !== tokens || width < 1)
    throw wrongShape(tensor, `[${count} × ${tokens} × width]`, model);
  const values = view(tensor, rows * tokens * width, model);
  const sums = new Float64Array(width);
  return Array.from({ length: rows }, (_, row) => {
    sums.fill(0);
    let present = 0;
    for (let token = 0; token < tokens; token++) {
      const at = row * tokens + token;
      if (Number(mask.data[at]) !== 1) continue;
      present++;
      for (let k = 0; k < width; k++) sums[k] += values[at * width + k];
    }
    return Float32Array.from(sums, (sum) => sum / Math.max(1, present));
  });
}

/**
 * A row cut to its first columns, if asked for.
 * @param layerNorm whether mean 0 and variance 1 come first
 */
export function cutRow(row: Float32Array, dimensions: number | undefined, layerNorm: boolean): Float32Array {
  if (dimensions === undefined || dimensions >= row.length) return row;
  const cut = row.slice(0, dimensions);
  if (!layerNorm) return cut;
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / row.length;
  const scale = 1 / Math.sqrt(variance + LAYER_NORM_EPSILON);
  return cut.map((value) => (value - mean) * scale);
}

/** As PyTorch's `layer_norm`. */
const LAYER_NORM_EPSILON = 1e-5;

/** The row at L2 norm 1; zeros stay zeros. */
export function unitRow(row: Float32Array): Float32Array {
  let squares = 0;
  for (const value of row) squares += value * value;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  return row.map((value) => value * scale);
}

/** A copy of the values, which the tensor may free. */
function floats(tensor: FeatureTensor, length: number, model: string): Float32Array {
  const values = view(tensor, length, model);
  return values === tensor.data ? values.slice() : values;
}

function view({ type, dims, data }: FeatureTensor, length: number, model: string): Float32Array {
  if (type !== undefined && type !== 'float32') {
    const problem = `expected float32 vectors from ${model}, received ${type}`;
    throw new UnsupportedError('embedTexts', problem, 'Load the model with dtype fp32', 'dtype');
  }
  if (data.length !== length) throw wrongShape({ dims, data }, `${length} values`, model);
  return data instanceof Float32Array ? data : Float32Array.from(data, Number);
}

function wrongShape({ dims, data }: FeatureTensor, expected: string, model: string): ShapeError {
  return new ShapeError(
    'embedTexts',
    `expected ${expected} from ${model}, received [${dims.join(' × ')}] with ${data.length} values`,
    'Pass a feature-extraction pipeline',
  );
}
