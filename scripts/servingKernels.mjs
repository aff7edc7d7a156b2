// Cuts build/serving.wasm out of build/simd.wasm: the kernels that the code behind the serving entry names.
import { readFileSync, writeFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { build } from 'esbuild';

/** What every module exports beside its kernels: the memory, where it begins, and the constants of its layout. */
const ALWAYS = /^(memory|heap_base|[A-Z_]+)$/;

/** The code behind an entry, without what nothing in it uses. */
async function codeBehind(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    write: false,
    minifyWhitespace: true,
    external: ['*.wasm?base64', 'node:*'],
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** Writes build/serving.wasm. */
export async function writeServingKernels() {
  const code = await codeBehind('src/serve.ts');
  const module = binaryen.readBinary(readFileSync('build/simd.wasm'));
  module.setFeatures(binaryen.Features.All);
  for (let n = module.getNumExports() - 1; n >= 0; n--) {
    const { name } = binaryen.getExportInfo(module.getExportByIndex(n));
    if (!ALWAYS.test(name) && !new RegExp(`\\b${name}\\b`).test(code)) module.removeExport(name);
  }
  module.runPasses(['remove-unused-module-elements']);
  writeFileSync('build/serving.wasm', module.emitBinary());
  module.dispose();
}
