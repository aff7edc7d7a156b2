import { compileKernels } from './inlined.ts';
import { compiled, type LoadOptions, type Runtime, runtimeFor } from './runtime.ts';

export { LOAD_OPTIONS, type LoadOptions, loadSync, Runtime } from './runtime.ts';

let shared: Promise<Runtime> | undefined;

/**
 * Compiles the kernels (once) and returns them. Without options the same runtime is returned every time.
 * @throws {UnsupportedError} when the host has no WebAssembly SIMD or refuses to compile bytes
 * @example
 * const runtime = await load();
 * const recommender = new Recommender(model, runtime);
 */
export async function load(options: LoadOptions = {}): Promise<Runtime> {
  return runtimeFor(options, () => {
    shared ??= compiled(compileKernels).catch((error: unknown) => {
      shared = undefined;
      throw error;
    });
    return shared;
  });
}
