import type { Trained } from '../index.ts';
import { tableText } from './tables.ts';

/** What was tried and what came of it, with a mark at the one that was kept. */
export function contestTable(contest: NonNullable<Trained['contest']>): string {
  const { chosen, compared, candidates } = contest;
  const rows = candidates.map(({ name, valid, skipped, ...report }) => [
    name === chosen ? `${name} *` : `${name}`,
    typeof valid === 'number' ? valid.toFixed(4) : '–',
    typeof skipped === 'string' ? skipped : reportText(report),
  ]);
  const choice = `tried, * chosen by validation (${compared} settings, epochs and weights compared)`;
  return tableText([choice, 'N@10', 'with'], rows);
}

/** The settings of a candidate in a few words. */
function reportText({ compared: _, ...report }: Readonly<Record<string, unknown>>): string {
  const { parts, bestEpoch, epochs, stoppedBy, ...settings } = report;
  if (Array.isArray(parts))
    return parts
      .map((part: { model: string; weight: number }) => `${round(part.weight)} ${part.model}`)
      .join(' + ');
  if (epochs !== undefined) return `epoch ${bestEpoch} of ${epochs}`;
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function round(weight: number): number {
  return Math.round(100 * weight) / 100;
}
