// Everything the module exports. Naming: operation, operand layout, element type (`spmm_csr_f32`).
// All pointers are byte addresses into the one linear memory, owned by the caller; strides count elements.
export { attention_backward_f32, attention_f32 } from './attention';
export { clear_slots, plan_batch } from './batch';
export { bce_rows_f32 } from './bce';
export { panels_to_rows_f32, rows_to_panels_f32, splat_anchors_f32, splat_columns_f32 } from './blocks';
export { bpr_gradient_f32, bpr_loss_f32, bpr_margins_f32 } from './bpr';
export { crc32, crc32_tables, first_bad_row, first_descent, first_non_finite } from './checks';
export { encode_queries_i16, encode_rows_f16, encode_rows_f32 } from './codes';
export * from './constants';
export { gram_f64 } from './covariance';
export {
  add_bias_f32, add_column_sums_f32, add_gathered_f32, add_residual_f32, dropout_factors_f32, multiply_f32,
} from './dropout';
export { apply_reflections_f64, tridiagonalize_f64 } from './eigen';
export { gelu_backward_f32, gelu_f32 } from './gelu';
export { gemm_nt_f32, gemm_tn_f32, pack_columns_f32, pack_panels_f32 } from './gemm';
export { infonce_candidates_f32, infonce_rows_f32, infonce_scores_f32, infonce_weights_f32 } from './infonce';
export { add_item_rows_f32, rank_scores_f32 } from './itemRows';
export { layer_norm_backward_f32, layer_norm_f32 } from './layerNorm';
export { gram_table_f32, pick_sources_f32, solve_items_f32 } from './itemSystems';
export { log_f32 } from './math';
export { inverse_norms_f16, inverse_norms_f32, inverse_norms_i8 } from './norms';
export { adam_f32, sgd_f32 } from './optimizers';
export { pool_max_csr_f32 } from './pooling';
export { philox_u32, random_uniform_f32, shuffle_i32 } from './random';
export { add_rows_f32, add_scaled_rows_f32, gather_rows_f32, normalize_rows_f32, squared_norms_f32 } from './rows';
export { sample_negatives } from './sampling';
export { clear_topk, scan_rows_f16, scan_rows_f32, score_listed_f16, score_listed_f32, sort_topk } from './scan';
export { scan_codes, score_codes_i8 } from './scanCodes';
export { center_columns_f32, column_moments_f32, gather_columns_f32 } from './select';
export { sgcl_add_partials_f32, sgcl_add_sums, sgcl_gradient_f32, sgcl_pairs_f32, sgcl_sums_f32 } from './sgcl';
export { scale_panel_f32, spmm_csr_f32, spmm_csr_slots_f32 } from './spmm';
export { spmm_adam_f32, spmm_sgd_f32 } from './step';
export { find_string, index_strings } from './strings';
export { subtract_outer_f32 } from './triangle';
export { unit_rows_backward_f32, unit_rows_f32 } from './unit';

/** First byte the caller may use; everything below is the module's static data. */
export function heap_base(): usize {
  return __heap_base;
}
