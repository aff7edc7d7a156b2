/** The smallest multiple of `multiple` that is no less than n. */
export function roundUp(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
