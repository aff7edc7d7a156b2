import { type ModelName, meanAndSd, pairedGain } from '../../index.ts';
import { DEFAULT_DIM } from '../../init/options.ts';
import { describeModel } from '../../models/registry.ts';
import { originText } from '../dataReport.ts';
import type { DataReport } from '../dataset.ts';
import type { EmbeddingReport } from '../embedder.ts';
import { gainText, measured, tableText } from '../tables.ts';
import type { RunRecord } from './engine/runRecord.ts';

/** One initialisation over all seeds. */
export interface InitSummary {
  readonly init: string;
  /** `recall@10` and so on: mean and sample standard deviation over seeds. */
  readonly metrics: Readonly<Record<string, { readonly mean: number; readonly sd: number | null }>>;
  /** Over xavier, seed by seed; null for xavier itself and without it. */
  readonly gain: Readonly<Record<string, ReturnType<typeof pairedGain>>> | null;
  readonly bestEpoch: number;
}

/** All initialisations under one protocol. */
export interface ProtocolSummary {
  readonly protocol: string;
  readonly inits: readonly InitSummary[];
}

/** Means, spreads and paired gains of the runs of one protocol. */
export function summarize(
  runs: readonly RunRecord[],
  protocol: string,
  inits: readonly string[],
): ProtocolSummary {
  const of = (init: string) => runs.filter((run) => run.protocol === protocol && run.init === init);
  const base = of('xavier');
  const summaries = inits.map((init): InitSummary => {
    const own = of(init);
    const names = Object.keys(own[0].metrics);
    const each = <T>(value: (name: string) => T) =>
      Object.fromEntries(names.map((name) => [name, value(name)]));
    const values = (from: readonly RunRecord[], name: string) => from.map(({ metrics }) => metrics[name]);
    const compared = init !== 'xavier' && base.length > 0;
    return {
      init,
      metrics: each((name) => meanAndSd(values(own, name))),
      gain: compared ? each((name) => pairedGain(values(base, name), values(own, name))) : null,
      bestEpoch: meanAndSd(own.map((run) => run.bestEpoch)).mean,
    };
  });
  return { protocol, inits: summaries };
}

/** What the head of a table names. */
export interface SummaryContext {
  /** Flags of the recipe, defaults included. */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly seeds: readonly number[];
  readonly ks: readonly number[];
  readonly data: DataReport;
  readonly vectors: EmbeddingReport;
}

/** What is measured beyond accuracy, where it was asked for. */
const BEYOND = ['coverage', 'novelty', 'diversity'] as const;

/** The table of one protocol under lines that say what was measured. */
export function summaryTable({ protocol, inits }: ProtocolSummary, context: SummaryContext): string {
  const { ks } = context;
  const beyond = BEYOND.filter((name) => inits.some(({ metrics }) => `${name}@${ks[0]}` in metrics));
  const head = [
    'init',
    ...ks.flatMap((k) => [`R@${k}`, `N@${k}`]),
    ...beyond.map((name) => `${name}@${ks[0]}`),
    ...[`gain R@${ks[0]}`, `gain N@${ks[0]}`, 'best epoch'],
  ];
  const rows = inits.map(({ init, metrics, gain, bestEpoch }) => [
    init,
    ...ks.flatMap((k) =>
      [`recall@${k}`, `ndcg@${k}`].map((name) => measured(metrics[name].mean, metrics[name].sd)),
    ),
    ...beyond
      .map((name) => metrics[`${name}@${ks[0]}`])
      .map((value) => (value ? measured(value.mean, value.sd) : '–')),
    ...[`recall@${ks[0]}`, `ndcg@${ks[0]}`].map((name) => gainText(gain ? gain[name].relative : null)),
    bestEpoch.toFixed(1),
  ]);
  return ['', ...headLines(protocol, context), tableText(head, rows)].join('\n');
}

function headLines(protocol: string, { recipe, seeds, data, vectors }: SummaryContext): string[] {
  const {
    model,
    layers = describeModel(model as ModelName).layers.default,
    dim = DEFAULT_DIM,
    batch,
  } = recipe;
  const seen =
    protocol === 'paper' ? 'nothing masked, negatives unverified' : 'seen items masked, negatives verified';
  const { name, order } = data.split;
  const shape = `${model}, ${layers} layers, dim ${dim}, batch ${batch}`;
  const lines = [
    `protocol ${protocol} (${seen}): ${shape}, seeds ${seeds.join(', ')}`,
    `data: ${data.users} users, ${data.items} items, ${data.interactions} interactions; split ${name}${order ? `, ${order} order` : ''}`,
  ];
  if (vectors.source === null) return lines;
  const missing = vectors.items - vectors.withVector;
  lines.push(`vectors: ${vectors.source}, width ${vectors.width}`);
  if (missing > 0) lines.push(`  ${missing} of ${vectors.items} items have none and start from xavier rows`);
  if (vectors.sources) lines.push(`  origin, as the catalogue says: ${originText(vectors.sources)}`);
  if (seeds.length > 1) lines.push('mean ± sample sd over seeds; gain: paired with xavier, seed by seed');
  return lines;
}
