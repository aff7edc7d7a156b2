import { FormatError, UnsupportedError } from '../../errors.ts';
import { readNpy } from '../../format/npy.ts';
import { decodeSafetensors } from '../../format/safetensors.ts';
import { decodeStrings } from '../../format/stringTable.ts';
import { type FactorMatrix, type FactorPair, matrixOf } from './matrix.ts';
import { namesIn } from './names.ts';

/** Rows of items and users in a safetensors file, with ids where it has tables `item_ids` and `user_ids` (see `encodeStrings`). */
export function factorsFromSafetensors(bytes: Uint8Array, name: string): FactorPair {
  const file = decodeSafetensors(bytes, name);
  checkWhole(name, Object.keys(file.tensors));
  const matrices = Object.keys(file.tensors).filter((tensor) => file.tensors[tensor].shape.length === 2);
  const idsOf = (kind: string) =>
    `${kind}_ids.offsets` in file.tensors ? decodeStrings(file, `${kind}_ids`) : null;
  const { item, user } = namesIn(name, matrices);
  const matrix = (tensor: string, kind: string) =>
    matrixOf(`${name}: ${tensor}`, file.tensors[tensor], idsOf(kind));
  return { items: matrix(item, 'item'), users: user === null ? null : matrix(user, 'user') };
}

/** @throws {UnsupportedError} for a model file of this package that ranks by more than factors */
function checkWhole(name: string, tensors: readonly string[]): void {
  const more = tensors.find((tensor) => tensor === 'item_scores' || tensor.startsWith('rows.'));
  if (more === undefined) return;
  const problem = `expected factors alone, received a model that ranks by ${more} too`;
  throw new UnsupportedError(name, problem, 'Serve it as it is: it is a model file already');
}

/** Rows of items and users in a .npz file, as `implicit` saves its models. */
export async function factorsFromNpz(bytes: Uint8Array, name: string): Promise<FactorPair> {
  const { unzipSync } = await import('fflate');
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, { filter: ({ name: file }) => file.endsWith('.npy') });
  } catch {
    throw new FormatError(
      name,
      'expected a whole .npz file, received a damaged or cut-off one',
      'Save it again',
    );
  }
  const { item, user } = namesIn(
    name,
    Object.keys(files).map((file) => file.slice(0, -'.npy'.length)),
  );
  const matrix = (array: string) => factorsFromNpy(files[`${array}.npy`], `${name}: ${array}`);
  return { items: matrix(item), users: user === null ? null : matrix(user) };
}

/** Rows in a .npy file. */
export function factorsFromNpy(bytes: Uint8Array, name: string): FactorMatrix {
  const { shape, data } = readNpy(bytes, name);
  const dtype = data instanceof Float32Array ? 'F32' : 'F64';
  return matrixOf(name, { dtype, shape, data });
}
