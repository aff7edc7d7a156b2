// What survives a reload, in the origin private file system: the files, what was chosen, and where the race stands.
import type { ChosenColumns, Entrant, Finish, InputFile, VectorSource } from '../messages.ts';

/** All that a race needs to go on. */
export interface SavedJob {
  readonly columns: ChosenColumns;
  readonly fileNames: readonly string[];
  readonly vectors: Exclude<VectorSource, { kind: 'file' }> | { readonly kind: 'file' };
  readonly entrants: readonly Entrant[];
  readonly dim: number;
  /** Who has ended; the models lie beside this. */
  readonly finished: readonly Omit<Finish, 'bytes'>[];
  /** Who was under way, of whom there is a checkpoint. */
  readonly running: Entrant | null;
}

const JOB = 'job.json';

async function folder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle('llminit-playground', { create: true });
}

export async function write(name: string, bytes: Uint8Array): Promise<void> {
  const handle = await (await folder()).getFileHandle(encodeURIComponent(name), { create: true });
  // Safari and Firefox know this kind of access in workers; it is there in Chromium, too.
  const access = await handle.createSyncAccessHandle();
  try {
    access.truncate(0);
    access.write(bytes as Uint8Array<ArrayBuffer>);
    access.flush();
  } finally {
    access.close();
  }
}

export async function read(name: string): Promise<Uint8Array | null> {
  try {
    const handle = await (await folder()).getFileHandle(encodeURIComponent(name));
    return new Uint8Array(await (await handle.getFile()).arrayBuffer());
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return null;
    throw error;
  }
}

export async function clear(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('llminit-playground', { recursive: true }).catch((error: Error) => {
    if (error.name !== 'NotFoundError') throw error;
  });
}

export function inputName(file: InputFile | string): string {
  return `input-${typeof file === 'string' ? file : file.name}`;
}

export async function writeJob(job: SavedJob): Promise<void> {
  await write(JOB, new TextEncoder().encode(JSON.stringify(job)));
}

/** The job that a reload has interrupted; null where there is none. */
export async function readJob(): Promise<SavedJob | null> {
  const bytes = await read(JOB);
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as SavedJob);
}
