import Table from 'cli-table3';

/** A table in plain characters: the first column to the left, numbers to the right. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[], left = 1): string {
  const colAligns = head.map((_, column) => (column < left ? ('left' as const) : ('right' as const)));
  const table = new Table({ head: [...head], colAligns, style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** `0.0935`, or `0.0935 ± 0.0057` where there is a spread. */
export function measured(mean: number, sd: number | null): string {
  return sd === null ? mean.toFixed(4) : `${mean.toFixed(4)} ± ${sd.toFixed(4)}`;
}

/** A share as `+21 %`; `–` for none. */
export function gainText(relative: number | null): string {
  if (relative === null) return '–';
  const percent = Math.round(relative * 1000) / 10;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
}
