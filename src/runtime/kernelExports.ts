/** The exports of the compiled kernels, as asc declares them. */
export type KernelExports = Awaited<ReturnType<typeof import('../../build/simd.js')['instantiate']>>;
