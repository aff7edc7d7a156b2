// A race that a reload has interrupted, as the page sees it. The worker writes it, see worker/store.ts.
import type { InputFile } from './messages.ts';
import * as store from './worker/store.ts';

export const readJob = store.readJob;

/** Whether there is a race to go on with. */
export async function hasSavedJob(): Promise<boolean> {
  const job = await store.readJob().catch(() => null);
  return job !== null && job.vectors.kind !== 'file' && job.finished.length < job.entrants.length;
}

export async function readSavedFile(name: string): Promise<InputFile> {
  const bytes = await store.read(store.inputName(name));
  if (bytes === null) throw new Error(`${name} is not kept any more. Choose the files again.`);
  return { name, bytes };
}
