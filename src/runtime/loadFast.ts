import { resolveOptions } from '../options/resolve.ts';
import { relaxedKernels } from './inlinedRelaxed.ts';
import { LOAD_OPTIONS, type LoadOptions, load, Runtime } from './load.ts';

/**
 * A runtime that multiplies and adds in one rounding where host and hardware can (relaxed SIMD): faster dense products,
 * at the price of the promise that every host gives the same bytes. Where the host does not know relaxed SIMD
 * (Node 20, WebKit) or refuses to compile bytes, it is the runtime of `load()`.
 */
export async function loadFast(options: Pick<LoadOptions, 'maxMemoryBytes'> = {}): Promise<Runtime> {
  const { maxMemoryBytes } = LOAD_OPTIONS;
  return open(resolveOptions({ maxMemoryBytes }, options, 'loadFast').maxMemoryBytes);
}

async function open(maxMemoryBytes: number | undefined): Promise<Runtime> {
  const bytes = relaxedKernels();
  if (!WebAssembly.validate(bytes)) return load({ maxMemoryBytes });
  try {
    return new Runtime(await WebAssembly.compile(bytes), maxMemoryBytes);
  } catch {
    return load({ maxMemoryBytes });
  }
}
