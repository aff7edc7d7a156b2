import { BudgetError, isLlminitError } from '../errors.ts';
import { type Block, BlockMemory } from '../runtime/blocks.ts';
import type { Runtime } from '../runtime/load.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Models of at most so many bytes share one memory; a larger one has its own, which the host takes back as a whole. */
const SHARED_BYTES = 8 * 2 ** 20;
/** What a query takes beside the model, roughly. */
const QUERY_BYTES = 2 ** 16;

/** The memory of a runtime's small models. */
const sharedMemories = new WeakMap<Runtime, BlockMemory>();

/** What a model holds: apart from the object that stands for it, so that it can be freed when nobody holds that. */
interface Holding {
  readonly memory: BlockMemory;
  readonly isShared: boolean;
  readonly blocks: Set<Block>;
}

/** Frees what models hold that nobody has closed. */
const abandoned =
  typeof FinalizationRegistry === 'undefined' ? null : new FinalizationRegistry<Holding>(release);

/** The memory of one model. */
export class ModelMemory {
  readonly #holding: Holding;

  private constructor(holding: Holding) {
    this.#holding = holding;
    abandoned?.register(this, holding, this);
  }

  /**
   * Memory for a model that takes so many bytes, more or less.
   * @throws {BudgetError} when that is more than the runtime allows, or the host has no memory left
   */
  static open(runtime: Runtime, bytes: number, job: string): ModelMemory {
    const required = bytes + QUERY_BYTES;
    const isShared = required <= SHARED_BYTES && required <= runtime.maxMemoryBytes;
    const memory = isShared
      ? sharedMemory(runtime, job)
      : new BlockMemory(openWorkspace(runtime, required, job));
    return new ModelMemory({ memory, isShared, blocks: new Set() });
  }

  get workspace(): Workspace {
    return this.#holding.memory.workspace;
  }

  /** Bytes that this model holds. */
  get bytes(): number {
    let sum = 0;
    for (const block of this.#holding.blocks) sum += block.bytes;
    return sum;
  }

  /** A block of this model. @throws {BudgetError} where the memory's limit does not allow it */
  allocate(bytes: number): Block {
    const { memory, blocks } = this.#holding;
    const block = memory.allocate(bytes);
    blocks.add(block);
    return block;
  }

  free(block: Block): void {
    const { memory, blocks } = this.#holding;
    if (blocks.delete(block)) memory.free(block);
  }

  /** Gives everything back; a second time changes nothing. */
  close(): void {
    abandoned?.unregister(this);
    release(this.#holding);
  }
}

function release({ memory, isShared, blocks }: Holding): void {
  for (const block of blocks) memory.free(block);
  blocks.clear();
  if (!isShared) memory.workspace.close();
}

function sharedMemory(runtime: Runtime, job: string): BlockMemory {
  const known = sharedMemories.get(runtime);
  if (known) return known;
  const memory = new BlockMemory(openWorkspace(runtime, QUERY_BYTES, job));
  sharedMemories.set(runtime, memory);
  return memory;
}

function openWorkspace(runtime: Runtime, bytes: number, job: string): Workspace {
  try {
    return runtime.open(bytes, job);
  } catch (error) {
    if (isLlminitError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BudgetError(
      job,
      `the host gives no memory for another model (${reason})`,
      'Close recommenders that are not needed any more',
    );
  }
}
