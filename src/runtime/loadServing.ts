import { compileServingKernels } from './inlinedServing.ts';
import { compiled, type LoadOptions, type Runtime, runtimeFor } from './runtime.ts';

export { type LoadOptions, loadSync, Runtime } from './runtime.ts';

let shared: Promise<Runtime> | undefined;

/**
 * As `load` of `llminit`, but compiles only the kernels that serving needs, a third of them: what needs others refuses
 * the runtime.
 * @throws {UnsupportedError} when the host has no WebAssembly SIMD or refuses to compile bytes
 * @example
 * const runtime = await load();
 * const recommender = await Recommender.open(modelBytes, { runtime });
 */
export async function load(options: LoadOptions = {}): Promise<Runtime> {
  return runtimeFor(options, () => {
    shared ??= compiled(compileServingKernels).catch((error: unknown) => {
      shared = undefined;
      throw error;
    });
    return shared;
  });
}
