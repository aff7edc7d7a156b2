import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vitest/config';

/**
 * Loads `x.wasm` as its bytes and `x.wasm?base64` as text, as esbuild's loaders do in the build. The kernels of serving are
 * cut out of all kernels for the package: sources are tested with all.
 */
const wasmBytes: Plugin = {
  name: 'wasm-bytes',
  enforce: 'pre',
  load(id) {
    const [file, query] = id.replace('/serving.wasm', '/simd.wasm').split('?');
    if (!file.endsWith('.wasm')) return null;
    const base64 = JSON.stringify(readFileSync(file).toString('base64'));
    if (query === 'base64') return `export default ${base64};`;
    return `export default Uint8Array.from(atob(${base64}), (c) => c.charCodeAt(0));`;
  },
};

export default defineConfig({
  plugins: [wasmBytes],
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    setupFiles: ['test/propertySeed.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'source', include: ['test/**/*.test.ts'], exclude: ['test/platform/**'] },
      },
      {
        extends: true,
        test: {
          name: 'platform',
          include: ['test/platform/**/*.test.ts'],
          globalSetup: ['test/platform/globalSetup.ts'],
        },
      },
    ],
  },
});
