export interface AdamOptions {
  /** Learning rate. */
  rate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Number of this update, from 1: for the bias correction. */
  step: number;
}

/** The kernels' constants of one Adam update, in their order. */
export function adamConstants({ rate, beta1, beta2, epsilon, step }: AdamOptions) {
  const correction2 = Math.sqrt(1 - power(beta2, step));
  return [rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 - power(beta1, step), correction2] as const;
}

/** base^exponent by repeated squaring: `**` may differ in its last bit from one engine to another. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
