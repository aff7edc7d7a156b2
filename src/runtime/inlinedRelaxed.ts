import base64 from '../../build/relaxed.wasm?base64';

/** The relaxed-SIMD build of the kernels, inlined in this package. */
export function relaxedKernels(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
