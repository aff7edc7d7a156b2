import base64 from '../../build/relaxed.wasm?base64';
import { bytesOfBase64 } from './base64.ts';

/** The relaxed-SIMD build of the kernels, inlined in this package. */
export function relaxedKernels(): Uint8Array<ArrayBuffer> {
  return bytesOfBase64(base64);
}
