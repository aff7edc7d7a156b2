import base64 from '../../build/serving.wasm?base64';
import { bytesOfBase64 } from './base64.ts';

/** Compiles the kernels of serving from the copy inlined in this package. */
export function compileServingKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytesOfBase64(base64));
}
