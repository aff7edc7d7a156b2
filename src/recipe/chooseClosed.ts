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
  const rounds = chooses ? roundsOf(model, all, grid !== undefined) : [() => all.slice(0, 1)];
  const total = Math.min(
    most,
    rounds.reduce((sum, round) => sum + round().length, 0),
  );
  const { runtime, signal } = run;
  const how = { part: 'valid', protocol, ks: [10], runtime, signal } as const;
  let best: Omit<ChosenClosedForm, 'compared'> | undefined;
  let compared = 0;
  for (const next of rounds) {
    const before = compared;
    const round = next(best?.settings).slice(0, most - before);
    if (round.length === 0) continue;
    const ownRun: ClosedRun = {
      ...run,
      columns: columns && ((n) => columns(all.indexOf(round[n]))),
      onProgress: onProgress && ((share) => onProgress((before + share * round.length) / total)),
    };
    // Only the best so far and those to come are held: rows of many items take a hundred megabytes each.
    const scorers = [...(await model.train(split.train, embeddings, round, ownRun))];
    for (const settings of round) {
      const scorer = scorers.shift()!;
      if (!chooses) return { scorer, settings, valid: null, compared: 1 };
      const valid = (await evaluateScorer(scorer, split, how)).means['ndcg@10'];
      if (!best || valid > (best.valid ?? 0)) best = { scorer, settings, valid };
      compared++;
    }
  }
  return { ...best!, compared };
}

/** What is compared round by round, from the best so far. */
function roundsOf(
  { chosenLast }: ClosedModelDescriptor,
  grid: readonly ClosedSettings[],
  atOnce = chosenLast === undefined,
): readonly ((best?: ClosedSettings) => readonly ClosedSettings[])[] {
  if (atOnce || chosenLast === undefined) return [() => grid];
  const first = grid.filter((settings) => settings[chosenLast] === grid[0][chosenLast]);
  const isNear = (settings: ClosedSettings, found: ClosedSettings = first[0]) =>
    Object.entries(settings).every(([name, value]) => name === chosenLast || value === found[name]);
  return [() => first, (found) => grid.filter((one) => !first.includes(one) && isNear(one, found))];
}

/** How many settings of a grid are compared in how many rounds, and how many of them at once. */
export function searchSize(
  model: ClosedModelDescriptor,
  grid: readonly ClosedSettings[],
): { readonly compared: number; readonly rounds: number; readonly atOnce: number } {
  const sizes = roundsOf(model, grid).map((round) => round().length);
  return {
    compared: sizes.reduce((sum, size) => sum + size, 0),
    rounds: sizes.length,
    atOnce: Math.max(...sizes),
  };
}

/** The settings among which validation can choose: without validation interactions the first alone. */
export function comparedSettings(grid: readonly ClosedSettings[], split: Split): readonly ClosedSettings[] {
  return split.valid.length > 0 ? grid : grid.slice(0, 1);
}
