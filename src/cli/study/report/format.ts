/** `.0935 ± .0057`, or `.0935` of one seed. */
export function spread({ mean, sd }: { mean: number; sd: number | null }): string {
  return sd === null ? four(mean) : `${four(mean)} ± ${four(sd)}`;
}

/** Four digits without the leading zero. */
export function four(value: number): string {
  return value.toFixed(4).replace(/^0/, '');
}

/** A share with its sign: `+5.3 %`. */
export function percent(value: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(100 * value).toFixed(1)} %`;
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Bytes as kB of 1,000. */
export function kilobytes(bytes: number): string {
  return Math.round(bytes / 1000).toLocaleString('en');
}
