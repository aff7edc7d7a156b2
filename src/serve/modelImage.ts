import { FormatError } from '../errors.ts';
import type { SafetensorsHeader } from '../format/safetensorsHeader.ts';
import { ARRAYS, type Dtype, type DtypeArrays } from '../format/tensor.ts';
import { firstBadRow, firstDescent, firstNonFinite } from '../kernels/checks.ts';
import type { Block } from '../runtime/blocks.ts';
import type { ByteBuffer, F32Buffer, HalfMatrix, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { type ContentChecks, HOST_CHECKS, type ModelSource, type TensorRef } from './modelFile/source.ts';
import type { ModelMemory } from './modelMemory.ts';

/** A tensor where it lies in the memory of a model. */
export class ImageTensor<D extends Dtype = Dtype> implements TensorRef<D> {
  readonly dtype: D;
  readonly shape: readonly number[];
  /** Its bytes. */
  readonly buffer: ByteBuffer;
  readonly #block: Block;
  readonly #offset: number;
  #data: DtypeArrays[D] | null = null;
  #f32: F32Buffer | null = null;
  #i32: I32Buffer | null = null;

  constructor(dtype: D, shape: readonly number[], block: Block, offset: number, bytes: number) {
    this.dtype = dtype;
    this.shape = shape;
    this.buffer = block.u8(offset, bytes);
    this.#block = block;
    this.#offset = offset;
  }

  /** Its numbers: a view where they are aligned, else a copy; not to be kept. */
  get data(): DtypeArrays[D] {
    const { view } = this.buffer;
    if (this.#data?.buffer === view.buffer) return this.#data;
    const type = ARRAYS[this.dtype];
    const count = view.byteLength / type.BYTES_PER_ELEMENT;
    if (view.byteOffset % type.BYTES_PER_ELEMENT !== 0) return new type(view.slice().buffer, 0, count);
    this.#data = new type(view.buffer, view.byteOffset, count);
    return this.#data;
  }

  /** The numbers of an F32 tensor, for kernels. */
  get f32(): F32Buffer {
    this.#f32 ??= this.#block.f32(this.#offset, this.buffer.length / 4);
    return this.#f32;
  }

  /** The numbers of an I32 tensor, for kernels. */
  get i32(): I32Buffer {
    this.#i32 ??= this.#block.i32(this.#offset, this.buffer.length / 4);
    return this.#i32;
  }

  /** The rows of a table of F32 or F16, for kernels. */
  get table(): Matrix | HalfMatrix {
    const [rows, dim] = this.shape;
    return this.dtype === 'F16'
      ? this.#block.halves(this.#offset, rows, dim)
      : this.#block.matrix(this.#offset, rows, dim);
  }
}

/** A model file in the memory of a model, opened where it lies: its tables are those that kernels read. */
export class ModelImage implements ModelSource {
  readonly name: string;
  readonly memory: ModelMemory;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checks: ContentChecks;
  readonly checked: boolean;
  /** Length of the file. */
  readonly fileBytes: number;
  readonly #tensors: ReadonlyMap<string, ImageTensor>;

  /** @internal see `ImageWriter` */
  constructor(
    name: string,
    memory: ModelMemory,
    header: SafetensorsHeader,
    block: Block,
    dataOffset: number,
  ) {
    this.name = name;
    this.memory = memory;
    this.metadata = header.metadata;
    this.checked = header.metadata.checksum !== undefined;
    this.fileBytes = header.fileBytes;
    this.checks = imageChecks(memory);
    this.#tensors = new Map(
      header.entries.map(({ name: tensor, dtype, shape, begin, end }) => [
        tensor,
        new ImageTensor(dtype, shape, block, dataOffset + begin, end - begin),
      ]),
    );
  }

  has(tensor: string): boolean {
    return this.#tensors.has(tensor);
  }

  dtype(tensor: string): Dtype | undefined {
    return this.#tensors.get(tensor)?.dtype;
  }

  tensor<D extends Dtype>(name: string, dtype: D, dimensions: number): ImageTensor<D> {
    const tensor = this.#tensors.get(name);
    if (tensor?.dtype === dtype && tensor.shape.length === dimensions) return tensor as ImageTensor<D>;
    const received = tensor ? `${tensor.dtype} of shape [${tensor.shape.join(', ')}]` : 'none';
    throw new FormatError(
      this.name,
      `expected tensor ${name} of ${dtype} with ${dimensions} dimension(s), received ${received}`,
      `The file holds: ${[...this.#tensors.keys()].join(', ') || 'no tensors'}`,
    );
  }
}

/** The checks by kernels, for tensors that lie in a model's memory. */
function imageChecks({ workspace }: ModelMemory): ContentChecks {
  return {
    firstNonFinite(values) {
      if (!(values instanceof ImageTensor)) return HOST_CHECKS.firstNonFinite(values);
      if (values.dtype === 'F32') return firstNonFinite(workspace, values.f32);
      return firstNonFinite(workspace, values.buffer, values.buffer.length / 2);
    },
    firstDescent(numbers) {
      return numbers instanceof ImageTensor
        ? firstDescent(workspace, numbers.i32)
        : HOST_CHECKS.firstDescent(numbers);
    },
    firstBadRow(rowPtr, colIdx, cols) {
      return rowPtr instanceof ImageTensor && colIdx instanceof ImageTensor
        ? firstBadRow(workspace, rowPtr.i32, colIdx.i32, cols)
        : HOST_CHECKS.firstBadRow(rowPtr, colIdx, cols);
    },
  };
}
