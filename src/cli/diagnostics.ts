import {
  evaluate,
  type Factors,
  type Initialization,
  type Protocol,
  propagateTables,
  type Runtime,
  type Split,
  spectrum,
  type Trained,
} from '../index.ts';

/** What tables look like before and after training. */
export interface Diagnostics {
  /** E⁽⁰⁾ of the items as initialised. */
  readonly initial: TableSpectrum;
  /** Final rows Z of the items. */
  readonly trained: TableSpectrum | null;
  /** Share of the vectors' variance that the initial table keeps; null without vectors. */
  readonly varianceKept: number | null;
  /** Test NDCG@10 of the propagated initial tables: epoch 0; null without test interactions. */
  readonly untrained: number | null;
}

export interface TableSpectrum {
  /** exp of the entropy of the normalised singular values (Roy & Vetterli 2007). */
  readonly effectiveRank: number;
  /** Singular values divided by the largest, descending, at most 128 of them, 4 digits. */
  readonly singularValues: readonly number[];
}

/** How the tables of a run spread over their dimensions, and how well the initial ones rank already. */
export async function diagnose(
  tables: Initialization,
  factors: Factors | null,
  split: Split,
  { protocol, runtime, layers }: { protocol: Protocol; runtime: Runtime; layers?: number },
): Promise<Diagnostics> {
  const rank = async () => {
    const propagated = await propagateTables(split.train, tables, { runtime, layers });
    return (await evaluate(propagated, split, { protocol, ks: [10], runtime })).means['ndcg@10'];
  };
  return {
    initial: tableSpectrum(tables.items, tables.dim),
    trained: factors && tableSpectrum(factors.items, factors.dim),
    varianceKept: tables.varianceKept,
    untrained: split.test.length > 0 ? await rank() : null,
  };
}

/** One line for the end of a training. */
export function diagnosticsText(
  { initial, trained, varianceKept, untrained }: Diagnostics,
  dim: number,
): string {
  const kept = varianceKept === null ? '' : `, ${(100 * varianceKept).toFixed(0)} % of the vectors' variance`;
  const after = trained ? `, ${trained.effectiveRank.toFixed(1)} after training` : '';
  const before = untrained === null ? '' : `; test NDCG@10 before training ${untrained.toFixed(4)}`;
  return `items: effective rank ${initial.effectiveRank.toFixed(1)} of ${dim} at the start${after}${kept}${before}`;
}

function tableSpectrum(table: Float32Array, dim: number): TableSpectrum {
  const { effectiveRank, singularValues } = spectrum(table, dim);
  const largest = singularValues[0] || 1;
  const relative = (value: number) => Number((value / largest).toPrecision(4));
  return {
    effectiveRank: Math.round(effectiveRank * 100) / 100,
    singularValues: Array.from(singularValues.subarray(0, 128), relative),
  };
}

/** What the tables of a training look like before and after; null for a model without epochs. */
export async function diagnosticsOf(trained: Trained, runtime: Runtime): Promise<Diagnostics | null> {
  const { initialization, result, split, settings } = trained;
  if (!initialization || !result) return null;
  const { protocol, fit } = settings;
  return diagnose(initialization, result.factors, split, { protocol, runtime, layers: Number(fit?.layers) });
}
