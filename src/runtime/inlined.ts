import base64 from '../../build/simd.wasm?base64';

/** Compiles the kernels from the copy inlined in this package. */
export function compileKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}
