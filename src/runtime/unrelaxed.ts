/** Stands in for `inlinedRelaxed.ts` under the export conditions `workerd` and `edge-light`, which compile no bytes. */
export function relaxedKernels(): Uint8Array<ArrayBuffer> {
  return new Uint8Array();
}
