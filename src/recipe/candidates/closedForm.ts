import type { GraphSize } from '../../data/graph.ts';
import { FormatError, shown } from '../../errors.ts';
import { canonicalJson, DAMAGED, type JsonValue } from '../../format/json.ts';
import type { InitializeOptions } from '../../init/options.ts';
import type { ClosedModelDescriptor, ClosedSettings } from '../../models/closed/descriptor.ts';
import type { Scorer } from '../../rank/scorer.ts';
import { chooseClosed, searchSize } from '../chooseClosed.ts';
import { QUERY_WORK, type TrainingSize } from '../size.ts';
import type { Candidate, Entry, TrialContext } from './candidate.ts';
import { restoreScorer, saveScorer } from './savedScorer.ts';

/** Bytes of an interaction by user and by item, in the host and in the kernels' memory. */
const EDGE_BYTES = 32;
/** Entries of a row that a model without an estimate of its own keeps. */
const USUAL_ENTRIES = 100;

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
  const gridOf = (withText: boolean) => (fixed ? [fixed] : model.grid(withText));
  const search = ({ valid, graph }: TrainingSize, width: number | null) => {
    const grid = gridOf(width !== null);
    return searchSize(valid > 0 ? grid : grid.slice(0, 1), graph.numItems);
  };
  const widthOf = ({ width }: TrainingSize) => (withVectors && model.vectors !== 'unread' ? width : null);
  const rankingOf = (graph: GraphSize) => QUERY_WORK + (model.ranking?.(graph) ?? graph.numItems);
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
    cost(size) {
      const { graph, valid } = size;
      const { numItems, numEdges } = graph;
      const width = widthOf(size);
      const { compared: units, groups } = search(size, width);
      const fixed = width === null ? 0 : groups * (model.textWork?.(numItems, width) ?? 0);
      return {
        fixed,
        unit: (model.work?.(graph) ?? USUAL_ENTRIES * numEdges) + valid * rankingOf(graph),
        units,
      };
    },
    ranking: ({ graph }) => rankingOf(graph),
    bytes(size) {
      const { graph } = size;
      const width = widthOf(size);
      const models = search(size, width).atOnce;
      const rows = 8 * USUAL_ENTRIES * graph.numItems;
      const own = model.bytes?.(graph, width ?? 0, models) ?? { working: rows * models, kept: rows };
      return { working: own.working + EDGE_BYTES * graph.numEdges, kept: own.kept };
    },
    async run(context) {
      const { data, split, units, options, runtime, signal, onShare: onProgress } = context;
      const { protocol, dim, seed } = options;
      const embeddings = embeddingsOf(context);
      const grid = fixed && [fixed];
      const initialTables = (own: InitializeOptions) =>
        data.initialTables({ ...own, dim, seed, runtime, signal });
      const { itemShards } = context;
      const columns = itemShards && ((model: number) => itemShards.columns(model));
      const how = { grid, most: units, protocol, runtime, signal, onProgress, initialTables, columns };
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
      const grid = gridOf(embeddingsOf(context) !== null);
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
