import { FormatError, UnsupportedError } from '../../errors.ts';
import type { Dtype, Tensor } from '../../format/tensor.ts';
import { type FactorMatrix, type FactorPair, matrixOf } from './matrix.ts';
import { namesIn } from './names.ts';

/** The storages of PyTorch that hold numbers of rows. */
const STORAGES: Readonly<Record<string, Dtype>> = {
  FloatStorage: 'F32',
  DoubleStorage: 'F64',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
};

const WIDTHS: Readonly<Record<string, number>> = { F32: 4, F64: 8, F16: 2, BF16: 2 };

/** Models of RecBole whose rows are ranked by as they are saved; those of graph models are propagated first. */
const PLAIN_MODELS = ['BPR', 'BPRMF', 'ENMF'];

/** A part of a storage, as a pickle describes it. */
interface TensorPart {
  readonly kind: 'tensor';
  /** Name of the class of its storage. */
  readonly storage: string;
  readonly key: string;
  readonly offset: number;
  readonly size: readonly number[];
  readonly stride: readonly number[];
}

/**
 * Rows of items and users in a file that `torch.save` wrote: a checkpoint of RecBole, or a dictionary of tensors. The pickle
 * in it is read as data: no function that it names is called.
 *
 * @throws {FormatError} for a damaged file, one of torch before 1.6, or one without rows of items
 * @throws {UnsupportedError} for a graph model of RecBole that was saved before it had ranked
 */
export async function factorsFromTorch(bytes: Uint8Array, name: string): Promise<FactorPair> {
  const { unzipSync } = await import('fflate');
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes);
  } catch {
    const problem =
      'expected a file of torch.save, which is a zip archive, received another or a cut-off one';
    throw new FormatError(name, problem, 'Save it again with torch 1.6 or later');
  }
  const pickle = Object.keys(files).find((file) => /(^|\/)data\.pkl$/.test(file));
  if (pickle === undefined) {
    const problem = `expected a file of torch.save with data.pkl, received ${Object.keys(files).slice(0, 5).join(', ')}`;
    throw new FormatError(name, problem, 'Save it with torch.save');
  }
  const root = await unpickled(files[pickle], name);
  const tensors = tensorsOf(root);
  const { item, user } = namesIn(name, [...tensors.keys()]);
  checkModel(root, item, name);
  const folder = pickle.slice(0, -'data.pkl'.length);
  const matrix = (key: string) => matrixFrom(`${name}: ${key}`, tensors.get(key)!, files, folder);
  return { items: matrix(item), users: user === null ? null : matrix(user) };
}

/** The object in a pickle: dictionaries are maps, and what it would make by other functions is empty. */
async function unpickled(bytes: Uint8Array, name: string): Promise<unknown> {
  const { NameRegistry, Parser } = await import('pickleparser');
  const registry = new NameRegistry();
  registry.register('collections', 'OrderedDict', (() => new Map()) as () => unknown);
  registry.register('torch._utils', '_rebuild_tensor_v2', rebuilt as (...args: never[]) => unknown);
  registry.register(
    'torch._utils',
    '_rebuild_parameter',
    ((data: unknown) => data) as (...args: never[]) => unknown,
  );
  const persistentResolver = { resolve: (id: unknown) => id };
  const options = { nameResolver: registry, persistentResolver, unpicklingTypeOfDictionary: 'Map' as const };
  try {
    return new Parser(options as ConstructorParameters<typeof Parser>[0]).parse(bytes);
  } catch (error) {
    const problem = `expected a pickle of tensors, received one that cannot be read: ${(error as Error).message}`;
    throw new FormatError(
      name,
      problem,
      'Save a dictionary of tensors: torch.save(model.state_dict(), path)',
    );
  }
}

/** What torch makes a tensor of. @param storage `('storage', class, key, device, numbers)` */
function rebuilt(
  storage: unknown,
  offset: number,
  size: readonly number[],
  stride: readonly number[],
): TensorPart {
  const [, type, key] = storage as [string, { prototype?: { __name__?: string } }, string];
  return { kind: 'tensor', storage: type?.prototype?.__name__ ?? 'unknown', key, offset, size, stride };
}

/** The matrices in a checkpoint of RecBole or a dictionary, by name. */
function tensorsOf(root: unknown): Map<string, TensorPart> {
  const found = new Map<string, TensorPart>();
  if (!(root instanceof Map)) return found;
  for (const part of [root, root.get('state_dict'), root.get('other_parameter')]) {
    if (!(part instanceof Map)) continue;
    for (const [key, value] of part) if (isMatrix(value)) found.set(String(key), value);
  }
  return found;
}

function isMatrix(value: unknown): value is TensorPart {
  return (value as TensorPart | null)?.kind === 'tensor' && (value as TensorPart).size.length === 2;
}

/** @throws {UnsupportedError} for rows that RecBole would propagate over the graph before it ranks */
function checkModel(root: unknown, item: string, name: string): void {
  const config =
    root instanceof Map ? (root.get('config') as Record<string, unknown> | undefined) : undefined;
  const settings = config?.final_config_dict;
  const model = settings instanceof Map ? settings.get('model') : undefined;
  if (model === undefined || item === 'restore_item_e' || PLAIN_MODELS.includes(String(model))) return;
  const problem = `expected final rows of ${model}, received its layer-0 rows: it was saved before it had ranked`;
  const remedy =
    'Call trainer.evaluate before saving, or save user_factors and item_factors of model.forward()';
  throw new UnsupportedError(name, problem, remedy);
}

function matrixFrom(
  name: string,
  { storage, key, offset, size, stride }: TensorPart,
  files: Readonly<Record<string, Uint8Array>>,
  folder: string,
): FactorMatrix {
  const dtype = STORAGES[storage];
  const bytes = files[`${folder}data/${key}`];
  if (dtype === undefined || bytes === undefined) {
    const problem = `expected a storage of floats in the file, received ${bytes ? storage : `none called ${key}`}`;
    throw new FormatError(name, problem, 'Save it as float32');
  }
  const [rows, dim] = size;
  const last = offset + (rows - 1) * stride[0] + (dim - 1) * stride[1];
  if (rows > 0 && dim > 0 && (last + 1) * WIDTHS[dtype] > bytes.length) {
    const problem = `expected ${last + 1} numbers in its storage, received ${Math.floor(bytes.length / WIDTHS[dtype])}`;
    throw new FormatError(name, problem, 'The file is damaged: save it again');
  }
  const all = matrixOf(name, tensorOver(dtype, bytes)).values;
  const values = new Float32Array(rows * dim);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < dim; column++)
      values[row * dim + column] = all[offset + row * stride[0] + column * stride[1]];
  return { name, rows, dim, values, ids: null };
}

/** A storage as a matrix of one row. */
function tensorOver(dtype: Dtype, bytes: Uint8Array): Tensor {
  const { buffer } = bytes.slice();
  const data = { F32: Float32Array, F64: Float64Array, F16: Uint16Array, BF16: Uint16Array }[dtype as 'F32'];
  const array = new data(buffer as ArrayBuffer, 0, Math.floor(bytes.length / WIDTHS[dtype]));
  return { dtype, shape: [1, array.length], data: array };
}
