import base64 from '../../build/simd.wasm?base64';
import { bytesOfBase64 } from './base64.ts';

/** Compiles the kernels from the copy inlined in this package. */
export function compileKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytesOfBase64(base64));
}
