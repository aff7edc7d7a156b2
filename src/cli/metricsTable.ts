import { METRICS, type MetricsResult } from '../index.ts';
import { tableText } from './tables.ts';

/** All metrics, a row each, with a column per cut-off. */
export function metricsTable(means: MetricsResult['means'], ks: readonly number[]): string {
  const rows = METRICS.map((metric) => [metric, ...ks.map((k) => means[`${metric}@${k}`].toFixed(4))]);
  return tableText(['metric', ...ks.map((k) => `@${k}`)], rows);
}
