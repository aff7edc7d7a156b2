/** The state of Adam for one table: first and second moments, and steps taken so far. */
export interface AdamState {
  readonly m: Float64Array;
  readonly v: Float64Array;
  step: number;
}

export interface AdamOptions {
  readonly lr: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** A fresh state for `length` parameters. */
export function adamState(length: number): AdamState {
  return { m: new Float64Array(length), v: new Float64Array(length), step: 0 };
}

/**
 * One step of Adam (Kingma & Ba 2015, Algorithm 1) in PyTorch's form, in place over every parameter, those of
 * zero gradient too: p ← p − lr/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
 */
export function adamStep(
  params: Float64Array,
  gradient: ArrayLike<number>,
  state: AdamState,
  options: AdamOptions,
): void {
  const { lr, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  state.step++;
  const correction1 = 1 - beta1 ** state.step;
  const correction2 = Math.sqrt(1 - beta2 ** state.step);
  for (let n = 0; n < params.length; n++) {
    state.m[n] = beta1 * state.m[n] + (1 - beta1) * gradient[n];
    state.v[n] = beta2 * state.v[n] + (1 - beta2) * gradient[n] ** 2;
    params[n] -= ((lr / correction1) * state.m[n]) / (Math.sqrt(state.v[n]) / correction2 + epsilon);
  }
}

/** One step of plain SGD in place: p ← p − lr · g. */
export function sgdStep(params: Float64Array, gradient: ArrayLike<number>, lr: number): void {
  for (let n = 0; n < params.length; n++) params[n] -= lr * gradient[n];
}
