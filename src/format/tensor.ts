import { OptionError, ShapeError } from '../errors.ts';

/**
 * The element types and the arrays that hold them; F16, BF16 stay bit patterns (see `halfToFloat32`).
 *
 * @example
 * const halves: DtypeArrays['F16'] = Uint16Array.of(0x3c00);
 */
export interface DtypeArrays {
  F64: Float64Array;
  I64: BigInt64Array;
  U64: BigUint64Array;
  F32: Float32Array;
  I32: Int32Array;
  U32: Uint32Array;
  F16: Uint16Array;
  BF16: Uint16Array;
  I16: Int16Array;
  U16: Uint16Array;
  I8: Int8Array;
  U8: Uint8Array;
  BOOL: Uint8Array;
}

/**
 * Types of numbers that a safetensors file may hold.
 *
 * @example
 * const dtype: Dtype = 'F32';
 */
export type Dtype = keyof DtypeArrays;

/**
 * A dense row-major tensor: `data.length` is the product of `shape`.
 *
 * @example
 * const tensor: Tensor<'F32'> = { dtype: 'F32', shape: [1, 2], data: Float32Array.of(1, 2) };
 */
export interface Tensor<D extends Dtype = Dtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DtypeArrays[D];
}

/**
 * Nothing, when `tensor` can be written under `name`.
 *
 * @throws {OptionError} an unknown dtype, or data of another array type than the dtype's
 * @throws {ShapeError} a shape whose product is not the length of the data
 */
export function checkTensor(name: string, { dtype, shape, data }: Tensor): void {
  // By tag rather than instanceof, so that arrays of another realm (a worker, an iframe) are accepted.
  const received = Object.prototype.toString.call(data).slice(8, -1);
  if (ARRAYS[dtype]?.name !== received) {
    throw new OptionError(
      'encodeSafetensors',
      `expected tensor ${name} of ${dtype} in a ${ARRAYS[dtype]?.name ?? `known type, one of ${Object.keys(ARRAYS).join(', ')}`}, received a ${received}`,
      'Pass the array type of the dtype',
    );
  }
  if (!shape.every(isSize) || shape.reduce((product, extent) => product * extent, 1) !== data.length) {
    throw new ShapeError(
      'encodeSafetensors',
      `expected tensor ${name} of shape [${shape.join(', ')}] to have as many values, received ${data.length}`,
      'Pass the shape of the data',
    );
  }
}

/** Whether `value` can be a count of elements or bytes. */
export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

interface ArrayType<A> {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
}

/** The array constructor of every dtype. */
export const ARRAYS: { readonly [D in Dtype]: ArrayType<DtypeArrays[D]> } = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};
