import base64 from '../../build/threads.wasm?base64';
import { bytesOfBase64 } from './base64.ts';

/** Compiles the shared-memory build of the kernels from the copy inlined in this package. */
export function compileThreadedKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytesOfBase64(base64));
}
