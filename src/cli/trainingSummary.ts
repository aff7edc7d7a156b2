import { CUTOFFS, type MetricsResult, type Trained } from '../index.ts';
import { contestTable } from './contestTable.ts';
import { type Diagnostics, diagnosticsText } from './diagnostics.ts';
import { metricsTable } from './metricsTable.ts';

/** What was trained and what it reached, as lines and tables. @param testUsers all that there are */
export function trainingSummary(
  trained: Trained,
  test: MetricsResult | null,
  testUsers: number,
  diagnostics: Diagnostics | null,
): string[] {
  const { result, contest, metric, factors } = trained;
  const valid =
    metric === null ? 'no validation' : `validation NDCG@10 ${metric.toFixed(4)}${sampleText(trained)}`;
  const drawn = test && test.users.length < testUsers / 2 ? ` of ${testUsers}` : '';
  const tested = test ? `test, ${test.users.length}${drawn} users:` : 'nothing held out for a test';
  return [
    headline(trained),
    ...(contest ? [contestTable(contest)] : []),
    ...(result?.warning ? [result.warning] : []),
    `${epochsText(trained)}${valid}; ${tested}`,
    ...(test ? [metricsTable(test.means, CUTOFFS)] : []),
    ...(diagnostics && factors ? [diagnosticsText(diagnostics, factors.dim)] : []),
  ];
}

/** What was trained, in one line. */
function headline({ settings, factors, modelName, initialization }: Trained): string {
  const { init, fit, protocol, seed } = settings;
  const wanted = initialization?.reducedFrom ?? null;
  const reduced = wanted === null ? '' : ` (of ${wanted}: the vectors have no more)`;
  const graph =
    fit && factors ? `${fit.model}, ${fit.layers} layers, dim ${factors.dim}${reduced}` : modelName;
  const start = init === null ? '' : `, init ${init}`;
  return `${graph}${start}, protocol ${protocol}, seed ${seed}${modelName === 'blend' ? ', blended' : ''}`;
}

/** By how many users a choice was made, where they are not all. */
function sampleText({ contest, split }: Trained): string {
  if (!contest) return '';
  const all = new Set(split.valid.users).size;
  return contest.validated < all ? ` by ${contest.validated} of ${all} users` : '';
}

function epochsText({ result, contest, trials }: Trained): string {
  if (!result) return '';
  const stopped = result.stoppedBy === 'epochs' ? 'all epochs done' : 'stopped early';
  const users = contest ? undefined : trials[0].report.epochsValidatedBy;
  const by = users === undefined ? '' : ` by ${users} users`;
  return `best epoch ${result.bestEpoch} of ${result.history.length}${by} (${stopped}), `;
}
