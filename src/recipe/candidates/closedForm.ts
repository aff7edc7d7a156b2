import type { Embeddings } from '../../embed/embeddings.ts';
import { FormatError, shown } from '../../errors.ts';
import { canonicalJson, DAMAGED, type JsonValue } from '../../format/json.ts';
import type { InitializeOptions } from '../../init/options.ts';
import type { ClosedModelDescriptor, ClosedSettings } from '../../models/closed/descriptor.ts';
import type { Scorer } from '../../rank/scorer.ts';
import { chooseClosed } from '../chooseClosed.ts';
import type { Candidate, Entry, TrialContext } from './candidate.ts';
import { restoreScorer, saveScorer } from './savedScorer.ts';

/** Multiplications for one item and one setting: a small system, built and solved. */
const SYSTEM = 100 * 100 * 14;

/** How a closed form enters. */
export interface ClosedFormEntry {
  /** Whether it gets the vectors, where there are any. */
  readonly withVectors: boolean;
  /** The settings that it has, instead of a choice among its grid. */
  readonly settings?: ClosedSettings;
}

/** A model without epochs, with the settings that validation chooses. */
export function closedForm(
  name: string,
  model: ClosedModelDescriptor,
  { withVectors, settings: fixed }: ClosedFormEntry = { withVectors: true },
): Entry {
  const embeddingsOf = ({ data }: Pick<TrialContext, 'data'>) =>
    withVectors && model.vectors !== 'unread' ? data.embeddings : null;
  const gridOf = (embeddings: Embeddings | null) => (fixed ? [fixed] : model.grid(embeddings !== null));
  const candidate = (
    scorer: Scorer,
    settings: ClosedSettings,
    metric: number | null,
    compared: number,
  ): Candidate => ({
    ...{ name, model: model.name, metric, scorer, compared, graph: null },
    report: { ...settings },
  });
  return {
    name,
    cost(context) {
      const { split } = context;
      const { numItems } = split.train;
      const embeddings = embeddingsOf(context);
      const units = split.valid.length > 0 ? gridOf(embeddings).length : 1;
      const fixed = embeddings ? (model.textWork?.(numItems, embeddings.width) ?? 0) : 0;
      return { fixed, unit: numItems * SYSTEM + split.valid.length * numItems, units };
    },
    async run(context) {
      const { data, split, units, options, runtime, signal, onShare: onProgress } = context;
      const { protocol, dim, seed } = options;
      const embeddings = embeddingsOf(context);
      const grid = gridOf(embeddings).slice(0, units);
      const initialTables = (own: InitializeOptions) =>
        data.initialTables({ ...own, dim, seed, runtime, signal });
      const how = { grid, protocol, runtime, signal, onProgress, initialTables };
      const { scorer, settings, valid, compared } = await chooseClosed(model, split, embeddings, how);
      return candidate(scorer, settings, valid, valid === null ? 0 : compared);
    },
    save: ({ metric, report, compared, scorer }) => ({
      record: { metric, settings: report, compared },
      tensors: saveScorer(scorer)!,
    }),
    async restore({ record, tensors }, context) {
      const { metric, compared } = record;
      if ((metric !== null && typeof metric !== 'number') || typeof compared !== 'number')
        return damaged('a metric and a count', metric);
      const grid = gridOf(embeddingsOf(context));
      const scorer = restoreScorer(model.name, tensors, context.split.train.numItems);
      return candidate(scorer, settingsOf(record.settings, grid), metric, compared);
    },
  };
}

/** @throws {FormatError} unless they are among those that are chosen from */
function settingsOf(saved: JsonValue | undefined, grid: readonly ClosedSettings[]): ClosedSettings {
  const json = (value: unknown) => canonicalJson(value ?? null, 'settings');
  const found = grid.find((settings) => json(settings) === json(saved));
  return found ?? damaged('known settings', saved);
}

function damaged(expected: string, received: JsonValue | undefined): never {
  throw new FormatError('resume', `expected a trial with ${expected}, received ${shown(received)}`, DAMAGED);
}
