/** The kernels that compute rows begin … end−1 of their output, and can be cut anywhere between them (scan_codes at
 *  multiples of four). */
export const ROW_KERNELS = [
  'scale_panel_f32',
  'spmm_csr_f32',
  'spmm_csr_slots_f32',
  'spmm_adam_f32',
  'spmm_sgd_f32',
  'encode_rows_f32',
  'encode_rows_f16',
  'encode_queries_i16',
  'scan_codes',
  'sort_topk',
  'gemm_nt_f32',
  'gemm_tn_f32',
  'layer_norm_f32',
  'gelu_f32',
  'gelu_backward_f32',
  'attention_f32',
  'attention_backward_f32',
  'gram_f64',
  'add_item_rows_f32',
  'rank_scores_f32',
  'pick_sources_f32',
  'solve_items_f32',
  'gram_table_f32',
  'apply_reflections_f64',
  'infonce_scores_f32',
  'infonce_weights_f32',
  'infonce_candidates_f32',
  'sgcl_sums_f32',
  'sgcl_gradient_f32',
] as const;

export type RowKernel = (typeof ROW_KERNELS)[number];

/** Chunks of rows: their bounds, or all of one size. */
export interface Chunks {
  readonly count: number;
  /** Address of count + 1 row numbers; 0 when every chunk has `rows` rows. */
  readonly boundsPtr: number;
  /** The same bounds on the host; null when every chunk has `rows` rows. */
  readonly bounds: Int32Array | null;
  readonly rows: number;
  readonly total: number;
}

/** One call of a row kernel, cut into chunks. */
export interface RowJob {
  readonly kernel: RowKernel;
  /** The kernel's arguments; places beginAt and beginAt + 1 are filled in for each chunk. */
  readonly args: number[];
  readonly beginAt: number;
  readonly chunks: Chunks;
  /** Arguments that point to scratch, with the bytes from one thread's scratch to the next. */
  readonly scratch: readonly (readonly [at: number, bytes: number])[];
  /** Multiplications, roughly: small jobs are not worth waking a thread. */
  readonly work: number;
}

/** Argument `at` points to scratch of `elements` 4-byte elements a thread. */
export function scratchPart(at: number, elements: number): readonly [at: number, bytes: number] {
  return [at, elements * 4];
}

/** Chunks of `rows` rows each; the last may be smaller. */
export function evenChunks(total: number, rows: number): Chunks {
  return { count: Math.ceil(total / rows), boundsPtr: 0, bounds: null, rows, total };
}

/** Where chunk `n` begins; chunk count's beginning is the end of the last. */
export function chunkStart(chunks: Chunks, n: number): number {
  return chunks.bounds ? chunks.bounds[n] : Math.min(n * chunks.rows, chunks.total);
}
