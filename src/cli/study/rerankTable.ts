import type { RerankEvaluation } from '../../chat/rerank/evaluateReranker.ts';
import type { RerankTotals } from '../../chat/rerank/totals.ts';
import { tableText } from '../tables.ts';
import type { RerankRecord } from './rerankRuns.ts';

/** What re-ranking did to a run. */
export function rerankTable(
  name: string,
  { model, candidates, calibration, evaluation, estimate }: RerankRecord,
): string {
  if (!evaluation) {
    const { requests, promptTokens, answerTokens, price } = estimate;
    const cost = price === null ? '' : `, ${price.toFixed(2)} in all`;
    return `\n${name}, re-ranked by ${model}: not asked; at most ${requests} requests, about ${promptTokens} + ${answerTokens} tokens${cost}`;
  }
  const { users, k } = evaluation;
  const lines = [
    '',
    `${name}, the first ${candidates} re-ranked by ${model}, ${users} test users drawn`,
    tableText(['', `N@${k}`, 'gain', '95 %', 'p'], rowsOf(evaluation)),
    ...(calibration ? calibrationLines(calibration.weight, calibration) : []),
    totalsLine('test', evaluation),
  ];
  return lines.join('\n');
}

function rowsOf(evaluation: Omit<RerankEvaluation, 'perUser'>): string[][] {
  const { ownNdcg, ndcg, gain, p, ceilingNdcg, ceilingRecall, weight } = evaluation;
  const interval = `${signed(gain.low)} … ${signed(gain.high)}`;
  return [
    ['our own order', ownNdcg.toFixed(4), '', '', ''],
    [`with the chat model, weight ${weight}`, ndcg.toFixed(4), signed(gain.mean), interval, p.toFixed(4)],
    [`ceiling: ${(100 * ceilingRecall).toFixed(1)} % are candidates`, ceilingNdcg.toFixed(4), '', '', ''],
  ];
}

function calibrationLines(weight: number, calibration: NonNullable<RerankRecord['calibration']>): string[] {
  const { users, ownNdcg, k, tried, threshold } = calibration;
  const gains = tried.map((one) => `${one.weight}: ${signed(one.gain.mean)} (p ${one.p.toFixed(4)})`);
  const found = weight === 0 ? 'no gain is shown: nothing is asked, our order stands' : `weight ${weight}`;
  return [
    `validation, ${users} users, N@${k} ${ownNdcg.toFixed(4)}; by weight ${gains.join(', ')}; p below ${threshold} counts: ${found}`,
    totalsLine('validation', calibration),
  ];
}

function totalsLine(part: string, totals: RerankTotals): string {
  const { changed, unchanged, firstDetail, agreement, invented, repeated, missing, answered } = totals;
  const { promptTokens, answerTokens, cached, seconds, price } = totals;
  const own = Object.entries(unchanged).map(([reason, count]) => `${reason} ${count}`);
  const ours = own.length === 0 ? '' : `, ours for ${own.join(', ')}`;
  const parts = [
    `${part}: its order for ${changed}${ours}`,
    ...(agreement === null ? [] : [`agreement ${agreement.toFixed(2)}`]),
    `${answered} answers${cached > 0 ? ` (${cached} from the cache)` : ''}`,
    `invented ${invented}, repeated ${repeated}, missing ${missing}`,
    promptTokens === null ? 'no tokens counted' : `${promptTokens} + ${answerTokens ?? 0} tokens`,
    `${seconds.toFixed(1)} s`,
    ...(price === null ? [] : [`price ${price.toFixed(4)}`]),
  ];
  return `${parts.join('; ')}${firstDetail && !('weight' in unchanged) ? `\n  ${firstDetail}` : ''}`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
