import { open, stat } from 'node:fs/promises';
import { DataError } from '../errors.ts';
import { type Checkpoint, decodeCheckpoint } from '../index.ts';
import { readBytes, writeAtomic } from '../node.ts';
import { checkpointPieces } from '../train/checkpoint.ts';

/** What a checkpoint names itself, in the header at its beginning. */
const NAME = '"llminit-checkpoint"';
const HEADER = 2 ** 16;

/** The state of a training on the disk, which this process alone writes. */
export class CheckpointFile {
  readonly path: string;
  /** What to go on from. */
  readonly resume: Checkpoint | undefined;
  /** How the file was when this process last saw it. */
  #seen: string | null;
  #saved = false;

  private constructor(path: string, resume: Checkpoint | undefined, seen: string | null) {
    this.path = path;
    this.resume = resume;
    this.#seen = seen;
  }

  /**
   * @param resume whether to go on from what is there; else it is replaced
   * @throws {DataError} for a missing file to go on from, and for one to replace that is no checkpoint
   * @throws {FormatError} for a damaged one to go on from
   */
  static async open(path: string, resume: boolean): Promise<CheckpointFile> {
    const seen = await stateOf(path);
    if (!resume && seen !== null) await assertCheckpoint(path);
    const from = resume ? decodeCheckpoint(await readBytes(path), path) : undefined;
    return new CheckpointFile(path, from, seen);
  }

  /** Whether this process has saved something. */
  get saved(): boolean {
    return this.#saved;
  }

  /** @throws {DataError} where another process has written the file since, whose state would be lost */
  async save(checkpoint: Checkpoint): Promise<void> {
    const pieces = checkpointPieces(checkpoint);
    const found = await stateOf(this.path);
    if (found !== null && found !== this.#seen) {
      const problem =
        'expected the checkpoint of this run alone, received one that another process has written since';
      throw new DataError(`--checkpoint ${this.path}`, problem, 'Name another file for each run');
    }
    await writeAtomic(this.path, pieces);
    this.#seen = await stateOf(this.path);
    this.#saved = true;
  }
}

/** Tells whether a file was written since; null where there is none. */
async function stateOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found && `${found.dev}:${found.ino} ${found.mtimeNs} ${found.size}`;
}

async function assertCheckpoint(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEADER), 0, HEADER, 0);
    if (bytesRead === 0 || buffer.subarray(0, bytesRead).includes(NAME)) return;
  } finally {
    await handle.close();
  }
  const problem = 'expected a new file or an earlier checkpoint, received a file of another kind';
  throw new DataError(`--checkpoint ${path}`, problem, 'Name another file');
}
