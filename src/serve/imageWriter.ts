import { FormatError } from '../errors.ts';
import { DAMAGED } from '../format/json.ts';
import { CHECKSUM_AT, CHECKSUM_DIGITS, checkSum } from '../format/safetensors.ts';
import {
  headerLength,
  LENGTH_BYTES,
  readHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from '../format/safetensorsHeader.ts';
import { CHECKSUM_TABLE_BYTES, checksumTables, crc32Of } from '../kernels/checks.ts';
import type { Block } from '../runtime/blocks.ts';
import type { Runtime } from '../runtime/load.ts';
import { ModelImage } from './modelImage.ts';
import { ModelMemory } from './modelMemory.ts';

/** Kernels read so many bytes behind the last row. */
const BEHIND_BYTES = 64;
/** The rows of the items begin on a cache line. */
const LINE_BYTES = 64;
/** Bytes that are taken over at a time: what is copied is still in the cache when it is checked. */
const PIECE_BYTES = 2 ** 18;

/** Where a file is taken over to. */
interface Target {
  readonly header: SafetensorsHeader;
  readonly memory: ModelMemory;
  readonly block: Block;
  /** Where the file begins in the block. */
  readonly offset: number;
  readonly tables: Block;
}

/**
 * Takes a model file over, piece by piece as it arrives. The bytes are copied, into the place where they are used: the
 * caller's own are not referred to any more.
 */
export class ImageWriter {
  readonly #runtime: Runtime;
  readonly #name: string;
  readonly #fileBytes: number | undefined;
  /** What has arrived before the header is whole. */
  #head = new Uint8Array(0);
  #target: Target | null = null;
  #written = 0;
  #crc = 0;

  /** @param fileBytes length of the file, where it is known before its header */
  constructor(runtime: Runtime, name: string, fileBytes?: number) {
    this.#runtime = runtime;
    this.#name = name;
    this.#fileBytes = fileBytes;
  }

  /** Bytes that have arrived, and that there will be: null until the header says so. */
  get progress(): { readonly done: number; readonly total: number | null } {
    return { done: this.#written + this.#head.length, total: this.#target?.header.fileBytes ?? null };
  }

  /**
   * @throws {FormatError} for what is no model file, and more bytes than its header announces
   * @throws {BudgetError} when the model does not fit the runtime's memory
   */
  push(bytes: Uint8Array): void {
    if (this.#target) {
      this.#write(this.#target, bytes);
      return;
    }
    const head = this.#head.length === 0 ? bytes : joined(this.#head, bytes);
    if (head.length <= LENGTH_BYTES) {
      this.#head = new Uint8Array(head);
      return;
    }
    const length = headerLength(head, this.#name, this.#fileBytes);
    if (head.length < LENGTH_BYTES + length) {
      this.#head = new Uint8Array(head);
      return;
    }
    this.#head = new Uint8Array(0);
    const header = readHeader(head.subarray(0, LENGTH_BYTES + length), this.#name, this.#fileBytes);
    this.#target = this.#allocate(header);
    this.#write(this.#target, head);
  }

  /** The image. @throws {FormatError} when bytes are missing, or the checksum is another one */
  finish(): ModelImage {
    const total = this.#written + this.#head.length;
    if (!this.#target) {
      // Says what the bytes seem to be.
      headerLength(this.#head, this.#name, total);
      throw new FormatError(this.#name, `expected a whole header, received ${total} bytes`, TRUNCATED);
    }
    const { header, memory, block, offset, tables } = this.#target;
    if (total !== header.fileBytes)
      throw new FormatError(this.#name, `expected ${header.fileBytes} bytes, received ${total}`, TRUNCATED);
    const { checksum } = header.metadata;
    const sum = this.#crc.toString(16).padStart(CHECKSUM_DIGITS, '0');
    if (checksum !== undefined) checkSum(checksum, sum, this.#name);
    memory.free(tables);
    return new ModelImage(this.#name, memory, header, block, offset + header.dataStart);
  }

  /** Gives the memory back when the file is not to be finished. */
  abort(): void {
    this.#target?.memory.close();
  }

  #allocate(header: SafetensorsHeader): Target {
    const { fileBytes, dataStart, entries } = header;
    const bytes = fileBytes + LINE_BYTES + BEHIND_BYTES;
    const memory = ModelMemory.open(this.#runtime, bytes, 'Recommender');
    try {
      const block = memory.allocate(bytes);
      const tables = memory.allocate(CHECKSUM_TABLE_BYTES);
      checksumTables(memory.workspace, tables.i32(0, CHECKSUM_TABLE_BYTES / 4));
      const offset = (LINE_BYTES - ((dataStart + rowsBegin(entries)) % LINE_BYTES)) % LINE_BYTES;
      return { header, memory, block, offset, tables };
    } catch (error) {
      memory.close();
      throw error;
    }
  }

  #write({ header, memory, block, offset, tables }: Target, bytes: Uint8Array): void {
    if (this.#written + bytes.length > header.fileBytes) {
      const problem = `expected ${header.fileBytes} bytes, received ${this.#written + bytes.length} or more`;
      throw new FormatError(this.#name, problem, DAMAGED);
    }
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      const piece = bytes.subarray(from, from + PIECE_BYTES);
      const place = block.u8(offset + this.#written, piece.length);
      place.view.set(piece);
      // The checksum is that of a file with zeros in its place; nothing reads it there.
      if (this.#written === 0 && piece.length >= CHECKSUM_AT + CHECKSUM_DIGITS)
        place.view.fill(0x30, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_DIGITS);
      this.#crc = crc32Of(
        memory.workspace,
        place,
        0,
        piece.length,
        this.#crc,
        tables.i32(0, CHECKSUM_TABLE_BYTES / 4),
      );
      this.#written += piece.length;
    }
  }
}

const TRUNCATED = 'The file is truncated; copy or create it again';

/** Where the rows of the items begin among the data; 0 where other tensors would not stand on words then. */
function rowsBegin(entries: readonly TensorEntry[]): number {
  const named = (tensor: string) => entries.find(({ name }) => name === tensor)?.begin;
  const begin = named('item_factors') ?? named('item_codes') ?? 0;
  return begin % 4 === 0 ? begin : 0;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
