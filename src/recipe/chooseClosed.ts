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
import { callback, instance, integer } from '../options/builders.ts';
import { progressOption, SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Scorer } from '../rank/scorer.ts';
import { RUNTIME } from '../runtime/option.ts';

/** Above so many items the rows of a setting take megabytes by the dozen … */
const MANY_ITEMS = 50_000;
/** … so that no more settings are trained at once. */
const MOST_AT_ONCE = 3;

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
  most: integer({ about: 'settings that are compared, at most', min: 1 }),
};

/**
 * A closed form with the settings of the highest validation NDCG@10, of equals the first. It learns from the training part
 * alone.
 *
 * @param grid settings to compare, all of them; default: those of the descriptor, in two rounds where it says so
 * @param most settings that are compared at most; default: all
 * @throws {OptionError} on an empty grid; as the descriptor's `train` and `evaluateScorer`
 * @example
 * const { settings } = await chooseClosed(findClosedModel('ease')!, split, null, { runtime });
 * console.log(settings);
 */
export async function chooseClosed(
  model: ClosedModelDescriptor,
  split: Split,
  embeddings: Embeddings | null,
  options: Pick<EvaluateOptions, 'protocol'> &
    ClosedRun & { readonly grid?: readonly ClosedSettings[]; readonly most?: number } = {},
): Promise<ChosenClosedForm> {
  checkArgument(CLOSED_MODEL, model, 'model', 'chooseClosed');
  checkIsSplit(split, 'chooseClosed');
  if (embeddings !== null) checkIsEmbeddings(embeddings, 'chooseClosed');
  resolveOptions(OPTIONS, options, 'chooseClosed');
  const { protocol, grid, most = Number.POSITIVE_INFINITY, columns, onProgress, ...run } = options;
  const all = grid ?? model.grid(embeddings !== null);
  if (all.length === 0)
    throw new OptionError(
      model.name,
      'expected settings to compare, received none',
      'Pass e.g. [{}]',
      'grid',
    );
  const chooses = split.valid.length > 0;
  const tried = comparedSettings(all, split).slice(0, most);
  const { runtime, signal } = run;
  const how = { part: 'valid', protocol, ks: [10], runtime, signal } as const;
  let best: Omit<ChosenClosedForm, 'compared'> | undefined;
  let compared = 0;
  for (const group of groupsOf(tried, split.train.numItems)) {
    const before = compared;
    const ownRun: ClosedRun = {
      ...run,
      columns: columns && ((n) => columns(before + n)),
      onProgress: onProgress && ((share) => onProgress((before + share * group.length) / tried.length)),
    };
    // Only the best so far and those to come are held.
    const scorers = [...(await model.train(split.train, embeddings, group, ownRun))];
    for (const settings of group) {
      const scorer = scorers.shift()!;
      if (!chooses) return { scorer, settings, valid: null, compared: 1 };
      const valid = (await evaluateScorer(scorer, split, how)).means['ndcg@10'];
      if (!best || valid > (best.valid ?? 0)) best = { scorer, settings, valid };
      compared++;
    }
  }
  return { ...best!, compared };
}

/** The settings that are trained at once. */
function groupsOf(settings: readonly ClosedSettings[], numItems: number): (readonly ClosedSettings[])[] {
  const most = numItems > MANY_ITEMS ? MOST_AT_ONCE : settings.length;
  return Array.from({ length: Math.ceil(settings.length / most) }, (_, n) =>
    settings.slice(n * most, (n + 1) * most),
  );
}

/** In how many groups settings are compared, and how many of them are trained at once. */
export function searchSize(
  settings: readonly ClosedSettings[],
  numItems: number,
): { readonly compared: number; readonly groups: number; readonly atOnce: number } {
  const groups = groupsOf(settings, numItems);
  return { compared: settings.length, groups: groups.length, atOnce: groups[0].length };
}

/** The settings among which validation can choose: without validation interactions the first alone. */
export function comparedSettings(grid: readonly ClosedSettings[], split: Split): readonly ClosedSettings[] {
  return split.valid.length > 0 ? grid : grid.slice(0, 1);
}
