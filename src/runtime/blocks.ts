import { ByteBuffer, F32Buffer, HalfMatrix, I32Buffer, Matrix } from './buffers.ts';
import type { Workspace } from './workspace.ts';

/** Blocks begin on cache lines. */
const ALIGNMENT_BYTES = 64;

/** A piece of a workspace that is freed by itself. Offsets count bytes from its beginning. */
export class Block {
  readonly #workspace: Workspace;
  /** @internal address in bytes; only `runtime/` reads it */
  readonly ptr: number;
  readonly bytes: number;

  constructor(workspace: Workspace, ptr: number, bytes: number) {
    this.#workspace = workspace;
    this.ptr = ptr;
    this.bytes = bytes;
  }

  u8(offset: number, length: number): ByteBuffer {
    return new ByteBuffer(this.#workspace, this.ptr + offset, length);
  }

  f32(offset: number, length: number): F32Buffer {
    return new F32Buffer(this.#workspace, this.ptr + offset, length);
  }

  i32(offset: number, length: number): I32Buffer {
    return new I32Buffer(this.#workspace, this.ptr + offset, length);
  }

  /** A table of f32 without padding. */
  matrix(offset: number, rows: number, dim: number): Matrix {
    return new Matrix(this.#workspace, this.ptr + offset, rows, dim, dim);
  }

  /** A table of f16 without padding. */
  halves(offset: number, rows: number, dim: number): HalfMatrix {
    return new HalfMatrix(this.#workspace, this.ptr + offset, rows, dim);
  }
}

/**
 * Blocks of one workspace, each freed by itself: the first free place that is large enough is used, and neighbours that
 * are free become one. Nothing else may be allocated in the workspace but what is released before the next block.
 */
export class BlockMemory {
  readonly workspace: Workspace;
  /** Ascending, without neighbours that touch. */
  #free: { ptr: number; bytes: number }[] = [];
  #used = 0;

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  /** Bytes of all blocks. */
  get usedBytes(): number {
    return this.#used;
  }

  /** A block whose contents are whatever was there. @throws {BudgetError} where the memory's limit does not allow it */
  allocate(bytes: number): Block {
    const size = Math.max(ALIGNMENT_BYTES, Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES);
    const at = this.#free.findIndex((place) => place.bytes >= size);
    const ptr = at < 0 ? this.workspace.bytes(size).ptr : this.#take(at, size);
    this.#used += size;
    return new Block(this.workspace, ptr, size);
  }

  free(block: Block): void {
    const { ptr, bytes } = block;
    this.#used -= bytes;
    const at = this.#free.findIndex((place) => place.ptr > ptr);
    const next = at < 0 ? this.#free.length : at;
    this.#free.splice(next, 0, { ptr, bytes });
    this.#join(next);
    this.#join(next - 1);
  }

  #take(at: number, size: number): number {
    const place = this.#free[at];
    const { ptr } = place;
    place.ptr += size;
    place.bytes -= size;
    if (place.bytes === 0) this.#free.splice(at, 1);
    return ptr;
  }

  /** Makes a free place and the next one into one where they touch. */
  #join(at: number): void {
    const [place, next] = [this.#free[at], this.#free[at + 1]];
    if (!place || !next || place.ptr + place.bytes !== next.ptr) return;
    place.bytes += next.bytes;
    this.#free.splice(at + 1, 1);
  }
}
