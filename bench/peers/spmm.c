// Y = X + A X at dim 128, the work that bench/workloads/spmm.mjs gives to every contestant.
//
//   native: clang -O3 -march=native -shared -fPIC        AVX-512 with prefetch where the machine has it; tables in panels
//   wasm32: clang --target=wasm32 -msimd128 -O3          the structure of assembly/strip.ts
#include <stddef.h>
#include <stdint.h>

#define DIM 128
#define PANEL 16 /* columns of a panel, and of a strip of a row-major table */

#ifdef __wasm__
#include <wasm_simd128.h>

#define INLINE static inline __attribute__((always_inline))

/* Strips of a row: PANEL columns of all neighbours, whose rows lie `stride` floats apart. */
INLINE void strip(float *out, const float *own, const float *x, const uint32_t *c, const uint32_t *last, const float *v,
                  size_t stride) {
  v128_t sum[PANEL / 4];
  for (int o = 0; o < PANEL / 4; o++) sum[o] = wasm_v128_load(own + 4 * o);
  for (; c < last; c++, v++) {
    const float *row = x + (size_t)*c * stride;
    const v128_t w = wasm_f32x4_splat(*v);
    for (int o = 0; o < PANEL / 4; o++)
      sum[o] = wasm_f32x4_add(sum[o], wasm_f32x4_mul(w, wasm_v128_load(row + 4 * o)));
  }
  for (int o = 0; o < PANEL / 4; o++) wasm_v128_store(out + 4 * o, sum[o]);
}

__attribute__((export_name("heap_start"))) size_t heap_start(void) {
  extern unsigned char __heap_base;
  return (size_t)&__heap_base;
}

__attribute__((export_name("spmm"))) void spmm(const int32_t *row_ptr, const uint32_t *cols, const float *vals,
                                               const float *x, float *y, int begin, int end) {
  for (int r = begin; r < end; r++) {
    const uint32_t *c = cols + row_ptr[r], *last = cols + row_ptr[r + 1];
    for (size_t o = 0; o < DIM; o += PANEL)
      strip(y + (size_t)r * DIM + o, x + (size_t)r * DIM + o, x + o, c, last, vals + row_ptr[r], DIM);
  }
}

__attribute__((export_name("spmm_panel"))) void spmm_panel(const int32_t *row_ptr, const uint32_t *cols,
                                                           const float *vals, const float *x, float *y, int begin,
                                                           int end) {
  for (int r = begin; r < end; r++)
    strip(y + (size_t)r * PANEL, x + (size_t)r * PANEL, x, cols + row_ptr[r], cols + row_ptr[r + 1], vals + row_ptr[r],
          PANEL);
}

/* y = norms · x, of which the next function gathers without weights. */
__attribute__((export_name("scale_panel"))) void scale_panel(const float *norms, const float *x, float *y, int rows) {
  for (int r = 0; r < rows; r++, x += PANEL, y += PANEL)
    for (int o = 0; o < PANEL; o += 4)
      wasm_v128_store(y + o, wasm_f32x4_mul(wasm_f32x4_splat(norms[r]), wasm_v128_load(x + o)));
}

__attribute__((export_name("spmm_scaled"))) void spmm_scaled(const int32_t *row_ptr, const uint32_t *cols,
                                                             const float *norms, const float *scaled, const float *x,
                                                             float *y, int begin, int end) {
  for (int r = begin; r < end; r++) {
    v128_t sum[PANEL / 4];
    for (int o = 0; o < PANEL / 4; o++) sum[o] = wasm_f32x4_splat(0);
    for (const uint32_t *c = cols + row_ptr[r], *last = cols + row_ptr[r + 1]; c < last; c++)
      for (int o = 0; o < PANEL / 4; o++)
        sum[o] = wasm_f32x4_add(sum[o], wasm_v128_load(scaled + (size_t)*c * PANEL + 4 * o));
    for (int o = 0; o < PANEL / 4; o++) {
      const v128_t own = wasm_v128_load(x + (size_t)r * PANEL + 4 * o);
      wasm_v128_store(y + (size_t)r * PANEL + 4 * o,
                      wasm_f32x4_add(own, wasm_f32x4_mul(wasm_f32x4_splat(norms[r]), sum[o])));
    }
  }
}

#else

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#define AHEAD 16

void spmm(const int32_t *row_ptr, const int32_t *cols, const float *vals, const float *x, float *y, int rows) {
  const int nnz = row_ptr[rows];
  for (int r = 0; r < rows; r++) {
    const float *addend = x + (size_t)r * DIM;
    float *out = y + (size_t)r * DIM;
#ifdef __AVX512F__
    __m512 sum[8];
    for (int o = 0; o < 8; o++) sum[o] = _mm512_loadu_ps(addend + 16 * o);
#else
    float sum[DIM];
    for (int o = 0; o < DIM; o++) sum[o] = addend[o];
#endif
    for (int e = row_ptr[r]; e < row_ptr[r + 1]; e++) {
      const float *row = x + (size_t)cols[e] * DIM;
      const char *later = (const char *)(x + (size_t)cols[e + AHEAD < nnz ? e + AHEAD : nnz - 1] * DIM);
      for (int line = 0; line < DIM * 4; line += 64) __builtin_prefetch(later + line);
#ifdef __AVX512F__
      const __m512 v = _mm512_set1_ps(vals[e]);
      for (int o = 0; o < 8; o++) sum[o] = _mm512_fmadd_ps(v, _mm512_loadu_ps(row + 16 * o), sum[o]);
#else
      for (int o = 0; o < DIM; o++) sum[o] += vals[e] * row[o];
#endif
    }
#ifdef __AVX512F__
    for (int o = 0; o < 8; o++) _mm512_storeu_ps(out + 16 * o, sum[o]);
#else
    for (int o = 0; o < DIM; o++) out[o] = sum[o];
#endif
  }
}

/* x and y [DIM / PANEL][rows × PANEL] */
void spmm_panels(const int32_t *row_ptr, const int32_t *cols, const float *vals, const float *x, float *y, int rows) {
  for (int p = 0; p < DIM / PANEL; p++, x += (size_t)rows * PANEL, y += (size_t)rows * PANEL) {
    for (int r = 0; r < rows; r++) {
#ifdef __AVX512F__
      __m512 sum = _mm512_loadu_ps(x + (size_t)r * PANEL);
      for (int e = row_ptr[r]; e < row_ptr[r + 1]; e++)
        sum = _mm512_fmadd_ps(_mm512_set1_ps(vals[e]), _mm512_loadu_ps(x + (size_t)cols[e] * PANEL), sum);
      _mm512_storeu_ps(y + (size_t)r * PANEL, sum);
#else
      float sum[PANEL];
      for (int o = 0; o < PANEL; o++) sum[o] = x[(size_t)r * PANEL + o];
      for (int e = row_ptr[r]; e < row_ptr[r + 1]; e++)
        for (int o = 0; o < PANEL; o++) sum[o] += vals[e] * x[(size_t)cols[e] * PANEL + o];
      for (int o = 0; o < PANEL; o++) y[(size_t)r * PANEL + o] = sum[o];
#endif
    }
  }
}
#endif
