// Numbers by which these kernels and the code that calls them lay out the same memory. They are exported, and compared
// with src/runtime/constants.ts when the module is loaded: where the two differ, memory would be overwritten in
// silence.

/** Columns of a panel of a large table, of which a row is one cache line. */
export const PANEL_COLUMNS: i32 = 16;
/** Anchors in a block of the contrastive losses. */
export const ANCHOR_BLOCK: i32 = 64;
/** Candidates in a chunk of the contrastive losses. */
export const CANDIDATE_CHUNK: i32 = 512;
/** Bytes of scratch of gemm_nt_f32: 128 steps of four splatted rows. */
export const GEMM_SCRATCH_BYTES: i32 = 8192;
/** Elements of a block of the gradient in spmm_adam_f32 and spmm_sgd_f32. */
export const UPDATE_BLOCK_ELEMENTS: i32 = 4096;
/** Bytes of scratch of a query against codes, two cache lines; f32 of the terms of four queries; see scanCodes.ts. */
export const SCAN_STATE_BYTES: i32 = 128;
export const SCAN_TERMS: i32 = 24;
