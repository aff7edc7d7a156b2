import { checkComplete, readMark, type Shard, type ShardMark } from '../../embed/shards.ts';
import { DataError, FormatError } from '../../errors.ts';
import { decodeSafetensors, encodeSafetensors, requireTensor } from '../../format/safetensors.ts';
import type { Tensor } from '../../format/tensor.ts';
import type { ItemColumns } from './cutRows.ts';

/** The items begin … end − 1 that belong to a shard, in fours, since as many are solved together. */
export function itemRange(numItems: number, { number, of }: Shard): { begin: number; end: number } {
  const fours = Math.ceil(numItems / 4);
  const start = (n: number) => Math.min(numItems, 4 * Math.floor((n * fours) / of));
  return { begin: start(number - 1), end: start(number) };
}

/** The file of one shard: the weights of each model into the shard's items. */
export function encodeItemShard(mark: ShardMark, columns: readonly ItemColumns[]): Uint8Array {
  const tensors: Record<string, Tensor> = {};
  for (const [n, { numItems, colPtr, sources, weights }] of columns.entries()) {
    const { begin, end } = itemRange(numItems, mark);
    const from = colPtr[begin];
    const offsets = colPtr.slice(begin, end + 1).map((at) => at - from);
    const tensor = (dtype: 'I32' | 'F32', data: Int32Array | Float32Array) =>
      ({ dtype, shape: [data.length], data }) as Tensor;
    tensors[`colPtr.${n}`] = tensor('I32', offsets);
    tensors[`sources.${n}`] = tensor('I32', sources.slice(from, colPtr[end]));
    tensors[`weights.${n}`] = tensor('F32', weights.slice(from, colPtr[end]));
  }
  return encodeSafetensors(tensors, { shard: JSON.stringify(mark), items: String(columns[0].numItems) });
}

interface Part {
  readonly name: string;
  readonly mark: ShardMark;
  readonly bytes: Uint8Array;
}

/** The weights of all shards, by model. */
export class ItemShards {
  readonly #numItems: number;
  readonly #parts: readonly Part[];

  private constructor(numItems: number, parts: readonly Part[]) {
    this.#numItems = numItems;
    this.#parts = parts;
  }

  /**
   * @param digest of the data and the options of the training that the shards are joined for
   * @throws {FormatError} for a file that is no shard
   * @throws {DataError} for a shard of other data or options; for one that is missing or twice there
   */
  static open(
    files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
    digest: string,
    numItems: number,
  ): ItemShards {
    const parts = files.map(({ name, bytes }) => ({ name, bytes, mark: readMark(name, bytes) }));
    parts.sort((a, b) => a.mark.number - b.mark.number);
    const [first] = parts;
    for (const { name, mark } of parts) {
      if (mark.digest !== digest) {
        const problem = 'expected a shard of these data and options, received one of others';
        throw new DataError(name, problem, 'Give the command that made the shards, with --merge for --shard');
      }
      if (mark.of !== first.mark.of) {
        const problem = `expected one of ${first.mark.of} shards as ${first.name}, received ${mark.number}/${mark.of}`;
        throw new DataError(name, problem, 'Make all shards of one number');
      }
    }
    checkComplete(
      parts.map(({ name, mark }) => ({ name, number: mark.number })),
      first?.mark.of ?? 1,
    );
    return new ItemShards(numItems, parts);
  }

  /** The weights of a model by target. @throws {FormatError} for a file that does not hold what its mark says */
  columns(model: number): ItemColumns {
    const numItems = this.#numItems;
    const found = this.#parts.map(({ name, mark, bytes }) => {
      const file = decodeSafetensors(bytes, name);
      const { begin, end } = itemRange(numItems, mark);
      const offsets = requireTensor(file, `colPtr.${model}`, 'I32', 1).data;
      const sources = requireTensor(file, `sources.${model}`, 'I32', 1).data;
      const weights = requireTensor(file, `weights.${model}`, 'F32', 1).data;
      const sizes = [offsets.length, sources.length, weights.length];
      const length = offsets[end - begin];
      checkSizes(name, sizes, [end - begin + 1, length, length]);
      checkIndices(name, sources, numItems);
      return { begin, offsets, sources, weights };
    });
    const total = found.reduce((sum, { sources }) => sum + sources.length, 0);
    const colPtr = new Int32Array(numItems + 1);
    const sources = new Int32Array(total);
    const weights = new Float32Array(total);
    let at = 0;
    for (const part of found) {
      for (let n = 1; n < part.offsets.length; n++) colPtr[part.begin + n] = at + part.offsets[n];
      sources.set(part.sources, at);
      weights.set(part.weights, at);
      at += part.sources.length;
    }
    return { numItems, colPtr, sources, weights };
  }
}

/** @throws {FormatError} unless the tensors are as long as they must be */
function checkSizes(name: string, sizes: readonly number[], expected: readonly number[]): void {
  if (sizes.every((size, n) => size === expected[n])) return;
  const problem = `expected tensors of ${expected.join(', ')} entries, received ${sizes.join(', ')}`;
  throw new FormatError(name, problem, 'Make the shard again');
}

/** @throws {FormatError} unless all are items */
function checkIndices(name: string, sources: Int32Array, numItems: number): void {
  const wrong = sources.findIndex((item) => item < 0 || item >= numItems);
  if (wrong === -1) return;
  const problem = `expected items below ${numItems}, received ${sources[wrong]}`;
  throw new FormatError(name, problem, 'Make the shard again');
}
