/** Stands in for `inlinedThreads.ts` under the export conditions `workerd` and `edge-light`: those hosts have no threads. */
export function compileThreadedKernels(): Promise<WebAssembly.Module> {
  return Promise.reject(new Error('edge hosts have no threads'));
}
