import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, it } from 'vitest';

const installed = fileURLToPath(new URL('../../.platform/', import.meta.url));
const { resolve } = createRequire(`${installed}package.json`);

/** Absolute path of a file below .platform/node_modules, there or not. */
export function toolPath(file: string): string {
  return `${installed}node_modules/${file}`;
}

/** A package of .platform/node_modules, e.g. `import type * as Vite from 'vite'` is not possible: they are not ours. */
export async function importTool<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(resolve(name)).href)) as T;
}

/**
 * `describe` for what runs on `needed`, absolute paths of programs or packages. When one is missing the tests are
 * skipped under a name that says so; in CI that is a failure.
 */
export function describeOn(name: string, needed: readonly string[], body: () => void): void {
  const missing = needed.filter((path) => !existsSync(path));
  if (missing.length === 0) {
    describe(name, body);
  } else if (process.env.CI) {
    describe(name, () => {
      it('can start', () => {
        throw new Error(`not installed: ${missing.join(', ')}; run npm run platform`);
      });
    });
  } else {
    describe.skip(`${name} (not installed: npm run platform)`, body);
  }
}
