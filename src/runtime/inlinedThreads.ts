import base64 from '../../build/threads.wasm?base64';

/** Compiles the shared-memory build of the kernels from the copy inlined in this package. */
export function compileThreadedKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}
