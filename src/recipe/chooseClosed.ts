import { checkIsSplit } from '../data/argumentKinds.ts';
import type { Split } from '../data/splits.ts';
import { checkIsEmbeddings, type Embeddings } from '../embed/embeddings.ts';
import { OptionError } from '../errors.ts';
import { EVALUATE_OPTIONS, type EvaluateOptions, evaluateScorer } from '../evaluate/evaluate.ts';
import {
  CLOSED_MODEL,
  type ClosedModelDescriptor,
  type ClosedRun,
  type ClosedSettings,
} from '../models/closed/descriptor.ts';
import { ARRAY, checkArgument } from '../options/arguments.ts';
import { callback, instance } from '../options/builders.ts';
import { progressOption, SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Scorer } from '../rank/scorer.ts';
import { RUNTIME } from '../runtime/option.ts';

/**
 * A closed form with the settings that validation chose.
 *
 * @example
 * const { scorer, settings }: ChosenClosedForm = await chooseClosed(findClosedModel('ease')!, split, null, { runtime });
 */
export interface ChosenClosedForm {
  readonly scorer: Scorer;
  readonly settings: ClosedSettings;
  /** Validation NDCG@10; null without validation interactions, where the first settings are taken. */
  readonly valid: number | null;
  /** How many settings were compared. */
  readonly compared: number;
}

const OPTIONS = {
  ...{ protocol: EVALUATE_OPTIONS.protocol, runtime: RUNTIME, signal: SIGNAL },
  onProgress: progressOption<number>(),
  initialTables: callback<NonNullable<ClosedRun['initialTables']>>('makes initial tables'),
  columns: callback<NonNullable<ClosedRun['columns']>>('the weights by target where they are known'),
  grid: instance<readonly ClosedSettings[]>('a list of settings', ARRAY.is, { about: 'what is compared' }),
};

/**
 * A closed form with the settings of the highest validation NDCG@10, of equals the first. It learns from the training part
 * alone.
 *
 * @param grid settings to compare; default: those of the descriptor
 * @throws {OptionError} on an empty grid; as the descriptor's `train` and `evaluateScorer`
 * @example
 * const { settings } = await chooseClosed(findClosedModel('ease')!, split, null, { runtime });
 * console.log(settings);
 */
export async function chooseClosed(
  model: ClosedModelDescriptor,
  split: Split,
  embeddings: Embeddings | null,
  options: Pick<EvaluateOptions, 'protocol'> & ClosedRun & { readonly grid?: readonly ClosedSettings[] } = {},
): Promise<ChosenClosedForm> {
  checkArgument(CLOSED_MODEL, model, 'model', 'chooseClosed');
  checkIsSplit(split, 'chooseClosed');
  if (embeddings !== null) checkIsEmbeddings(embeddings, 'chooseClosed');
  resolveOptions(OPTIONS, options, 'chooseClosed');
  const { protocol, runtime, signal, onProgress, initialTables, columns } = options;
  const all = options.grid ?? model.grid(embeddings !== null);
  if (all.length === 0)
    throw new OptionError(
      model.name,
      'expected settings to compare, received none',
      'Pass e.g. [{}]',
      'grid',
    );
  const grid = comparedSettings(all, split);
  const scorers = await model.train(split.train, embeddings, grid, {
    ...{ runtime, signal, onProgress, initialTables, columns },
  });
  if (split.valid.length === 0) return { scorer: scorers[0], settings: grid[0], valid: null, compared: 1 };
  let best: { n: number; valid: number } | null = null;
  for (const [n, scorer] of scorers.entries()) {
    const how = { part: 'valid', protocol, ks: [10], runtime, signal } as const;
    const valid = (await evaluateScorer(scorer, split, how)).means['ndcg@10'];
    if (!best || valid > best.valid) best = { n, valid };
  }
  const { n, valid } = best!;
  return { scorer: scorers[n], settings: grid[n], valid, compared: grid.length };
}

/** The settings among which validation can choose: without validation interactions the first alone. */
export function comparedSettings(grid: readonly ClosedSettings[], split: Split): readonly ClosedSettings[] {
  return split.valid.length > 0 ? grid : grid.slice(0, 1);
}
