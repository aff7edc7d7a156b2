// Symmetric matrices in f64: tridiagonal form by Householder reflections, and the reflections of vectors.

/** Σ x·y, two sums by place modulo 2, then one after the other. */
@inline
function dot64(x: usize, y: usize, count: i32): f64 {
  let sums = f64x2.splat(0);
  const whole = <usize>(count & ~1) << 3;
  for (let o: usize = 0; o < whole; o += 16) sums = f64x2.add(sums, f64x2.mul(v128.load(x + o), v128.load(y + o)));
  const sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  return count & 1 ? sum + load<f64>(x + whole) * load<f64>(y + whole) : sum;
}

/** y += factor · x */
@inline
function axpy64(x: usize, factor: f64, y: usize, count: i32): void {
  const splat = f64x2.splat(factor);
  const whole = <usize>(count & ~1) << 3;
  for (let o: usize = 0; o < whole; o += 16) {
    v128.store(y + o, f64x2.add(v128.load(y + o), f64x2.mul(splat, v128.load(x + o))));
  }
  if (count & 1) store<f64>(y + whole, load<f64>(y + whole) + factor * load<f64>(x + whole));
}

/** row −= s · w + t · v */
@inline
function subtract_two(row: usize, s: f64, w: usize, t: f64, v: usize, count: i32): void {
  const ss = f64x2.splat(s);
  const ts = f64x2.splat(t);
  const whole = <usize>(count & ~1) << 3;
  for (let o: usize = 0; o < whole; o += 16) {
    const both = f64x2.add(f64x2.mul(ss, v128.load(w + o)), f64x2.mul(ts, v128.load(v + o)));
    v128.store(row + o, f64x2.sub(v128.load(row + o), both));
  }
  if (count & 1)
    store<f64>(row + whole, load<f64>(row + whole) - (s * load<f64>(w + whole) + t * load<f64>(v + whole)));
}

/** The reflection H = I − τ v vᵀ with H x = α e_last for a row x of `count` numbers: v overwrites x. Returns τ, 0 for
 *  H = I.
 *  offDiagonal ← α */
function reflect(x: usize, count: i32, offDiagonal: usize): f64 {
  const last = x + (<usize>(count - 1) << 3);
  const own = load<f64>(last);
  const rest = dot64(x, x, count - 1);
  if (rest == 0) {
    store<f64>(offDiagonal, own);
    return 0;
  }
  const length = sqrt(own * own + rest);
  const alpha = own > 0 ? -length : length;
  const v = own - alpha;
  store<f64>(offDiagonal, alpha);
  store<f64>(last, v);
  return 2 / (rest + v * v);
}

/** Steps of T = Hᵀ A H for a symmetric A: rows begin, begin − 1 … end + 1 lose what is left of their off-diagonal
 *  entry, one reflection each.  Source: Golub & Van Loan, Algorithm 8.3.1, from the last row; a step's update of the
 *  matrix and its product with the next step's vector take one pass.
 *  a [n × stride] of which the lower triangle is read; row k keeps the v of its reflection in its first k places
 *  diagonal, offDiagonal [n]: of T, offDiagonal[k − 1] between k − 1 and k; tau [n]: of each row, tau[0] = 0
 *  w [2 · stride] scratch, which like `a` and `tau` holds the state between calls: the first one begins at n − 1, the
 *  last one ends at −1
 *  Accuracy: that of f64, backward stable; sums of two lanes, row by row */
export function tridiagonalize_f64(
  a: usize,
  n: i32,
  stride: i32,
  diagonal: usize,
  offDiagonal: usize,
  tau: usize,
  w: usize,
  begin: i32,
  end: i32,
): void {
  const bytes = <usize>stride << 3;
  for (let k = begin; k > end; k--) {
    const place = <usize>k << 3;
    const row = a + <usize>k * bytes;
    const before = w + (k & 1 ? bytes : 0);
    const product = w + (k & 1 ? 0 : bytes);
    // What the step before this one has left to do, for this row first.
    const pending = k + 1 < n && load<f64>(tau + place + 8) != 0;
    const above = row + bytes;
    if (pending) subtract_two(row, load<f64>(above + place), before, load<f64>(before + place), above, k + 1);
    store<f64>(diagonal + place, load<f64>(row + place));
    const t = k > 0 ? reflect(row, k, offDiagonal + place - 8) : 0;
    store<f64>(tau + place, t);
    memory.fill(product, 0, bytes);
    for (let i = 0; i < k; i++) {
      const own = a + <usize>i * bytes;
      const at = <usize>i << 3;
      if (pending) subtract_two(own, load<f64>(above + at), before, load<f64>(before + at), above, i + 1);
      if (t == 0) continue;
      const v = load<f64>(row + at);
      const sum = dot64(own, row, i) + load<f64>(own + at) * v;
      axpy64(own, v, product, i);
      store<f64>(product + at, load<f64>(product + at) + sum);
    }
    if (t == 0) continue;
    // w = τ A v − τ²/2 (vᵀ A v) v
    const half = 0.5 * t * t * dot64(product, row, k);
    for (let i = 0; i < k; i++) {
      const at = <usize>i << 3;
      store<f64>(product + at, t * load<f64>(product + at) - half * load<f64>(row + at));
    }
  }
}

/** y ← H_{n−1} ⋯ H_1 y for rows begin … end−1 of y [rows × yStride]: vectors of T become those of A.
 *  a, tau: as tridiagonalize_f64 leaves them */
export function apply_reflections_f64(
  a: usize,
  n: i32,
  stride: i32,
  tau: usize,
  y: usize,
  yStride: i32,
  begin: i32,
  end: i32,
): void {
  for (let k = 1; k < n; k++) {
    const t = load<f64>(tau + (<usize>k << 3));
    if (t == 0) continue;
    const v = a + ((<usize>k * <usize>stride) << 3);
    for (let r = <usize>begin; r < <usize>end; r++) {
      const row = y + ((r * <usize>yStride) << 3);
      axpy64(v, -t * dot64(v, row, k), row, k);
    }
  }
}
