import { OptionError, shown } from '../errors.ts';
import { float32ToHalf, halfToFloat32 } from '../format/half.ts';
import { encodeRows, rowCodes } from '../kernels/codes.ts';
import { ARRAY, checkArgument, FLOAT32, having, NUMBER } from '../options/arguments.ts';
import { boolean, oneOf, required } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { load, type Runtime } from '../runtime/loadServing.ts';
import { RUNTIME } from '../runtime/option.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { Codes, ModelData } from './modelFile/data.ts';
import { decodedRows } from './modelFile/decode.ts';

/**
 * How a model is made smaller.
 *
 * @example
 * const options: QuantizeOptions = { to: 'int8', users: false };
 * const small = await quantizeModel(model, options);
 */
export interface QuantizeOptions {
  /** `f16`: half the bytes, lists that differ in one place of ten thousand; `int8`: a quarter, one in two hundred. */
  readonly to: 'f16' | 'int8';
  /**
   * Rows that are kept beside `int8` codes, which then find the very lists of those rows, faster: `f32` or `f16`. Default
   * `none`: scores are those of the codes.
   */
  readonly rescore?: 'none' | 'f16' | 'f32';
  /** Whether people are kept: their ids, rows and items. Without them the model serves histories only. Default true. */
  readonly users?: boolean;
  readonly runtime?: Runtime;
}

const OPTIONS: DescriptorsOf<QuantizeOptions> = {
  to: required(oneOf(['f16', 'int8'], { about: 'how the factors are stored' })),
  rescore: oneOf(['none', 'f16', 'f32'], {
    about: 'rows kept beside the codes',
    default: 'none',
    readBy: { to: ['int8'] },
  }),
  users: boolean({ about: 'whether people are kept', default: true }),
  runtime: RUNTIME,
};

const MODEL = having<ModelData>(
  'a model',
  { itemIds: ARRAY, dim: NUMBER, itemFactors: FLOAT32 },
  'Pass what modelFrom or decodeModel gives',
);

/**
 * The model with factors in fewer bits; everything else stays, and is shared: do not write to them. A model without factors,
 * such as that of L3AE, has rows of neighbours alone: they stay as they are.
 * @throws {OptionError} for options out of range, factors beyond the range of f16, or a model that has been made smaller
 *   already
 * @example
 * const small = await quantizeModel(model, { to: 'int8' });
 * encodeModel(small).length < encodeModel(model).length; // → true
 */
export async function quantizeModel(model: ModelData, options: QuantizeOptions): Promise<ModelData> {
  const {
    to,
    rescore = 'none',
    users = true,
    runtime = await load(),
  } = resolveOptions(OPTIONS, options, 'quantizeModel');
  checkArgument(MODEL, model, 'model', 'quantizeModel');
  checkModel(model);
  const kept = users ? model : withoutUsers(model);
  if (model.dim === 0) return kept;
  if (to === 'f16') return { ...kept, precision: 'f16', ...halfFactors(kept), codes: null };
  const factors = rescore === 'f16' ? { ...kept, ...halfFactors(kept) } : kept;
  const items = codesOf(runtime, factors.itemFactors, model.dim);
  const userCodes =
    rescore === 'none' && factors.userFactors ? codesOf(runtime, factors.userFactors, model.dim) : null;
  const codes = { items: rescore === 'none' ? { ...items, errors: null } : items, users: userCodes };
  if (rescore !== 'none') return { ...factors, precision: rescore, codes };
  return {
    ...factors,
    precision: 'int8',
    codes,
    itemFactors: decodedRows(items, model.dim),
    userFactors: userCodes && decodedRows(userCodes, model.dim),
  };
}

/** A model that knows nobody. An inverse goes with the people it learned from. */
export function withoutUsers(model: ModelData): ModelData {
  return {
    ...model,
    userIds: [],
    userFactors: null,
    seen: null,
    liked: null,
    seenOrder: null,
    inverse: null,
  };
}

function checkModel({ dim, precision = 'f32', codes }: ModelData): void {
  if (dim === 0 || (precision === 'f32' && !codes)) return;
  const problem = 'expected a model with factors in f32, received one that has been made smaller';
  throw new OptionError('quantizeModel', problem, 'Start from the file in f32');
}

function halfFactors({
  itemFactors,
  userFactors,
  dim,
}: ModelData): Pick<ModelData, 'itemFactors' | 'userFactors'> {
  return {
    itemFactors: halved(itemFactors, dim, 'items'),
    userFactors: userFactors && halved(userFactors, dim, 'users'),
  };
}

function halved(values: Float32Array, dim: number, what: string): Float32Array {
  const halves = halfToFloat32(float32ToHalf(values));
  const at = halves.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return halves;
  const problem = `expected ${what} within ±65504, received ${shown(values[at])} in row ${Math.floor(at / dim)}`;
  throw new OptionError('quantizeModel', problem, 'Use int8', 'to');
}

/** Rows in 8 bits, by the kernel that serving uses. */
function codesOf(
  runtime: Runtime,
  values: Float32Array,
  dim: number,
): Codes & { readonly errors: Float32Array } {
  const rows = values.length / dim;
  const layout = (workspace: Workspace) => ({
    codes: rowCodes(workspace, rows, dim),
    table: workspace.matrix(rows, dim, dim),
  });
  return runtime.use('quantizeModel', layout, ({ codes, table }, workspace) => {
    table.write(values);
    encodeRows(workspace, table, codes);
    const scales = codes.scales.view.slice(0, rows);
    const at = scales.findIndex((scale) => Number.isNaN(scale));
    if (at >= 0) {
      const problem = `expected rows whose largest number is 0 or from 1e-12 to 1e17, received another one in row ${at}`;
      throw new OptionError('quantizeModel', problem, 'Use f16, or leave the model in f32', 'to');
    }
    const bytes = codes.codes.view.slice(0, values.length);
    return { codes: new Int8Array(bytes.buffer), scales, errors: codes.errors.view.slice(0, rows) };
  });
}
