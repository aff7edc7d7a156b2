import base64 from '../../build/serving.wasm?base64';

/** Compiles the kernels of serving from the copy inlined in this package. */
export function compileServingKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}
