import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bytes of a file in the folder `engines/` of the package, one above the bundle and its parts. */
export async function engineFile(path: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(await enginesFolder(), path)));
}

async function enginesFolder(): Promise<string> {
  let folder = fileURLToPath(new URL('.', import.meta.url));
  for (;;) {
    const above = resolve(folder, '..');
    const own = await readdir(join(folder, 'engines', 'torch')).catch(() => null);
    if (own !== null) return join(folder, 'engines');
    if (above === folder) throw new Error('the folder engines/ of the package is missing');
    folder = above;
  }
}
