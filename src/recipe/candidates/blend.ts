import { FormatError, shown } from '../../errors.ts';
import { DAMAGED, type JsonValue } from '../../format/json.ts';
import { defaultEntries } from '../../models/closed/cutRows.ts';
import { BlendScorer } from '../../rank/blendScorer.ts';
import { chooseBlend, WEIGHTS } from '../chooseBlend.ts';
import { QUERY_WORK, USUAL_DIM } from '../size.ts';
import type { Candidate, Entry, TrialContext } from './candidate.ts';

/** Bytes of an entry of an item's row, and of an interaction while blends rank: histories, masks, the held-out items. */
const [ENTRY_BYTES, EDGE_BYTES] = [8, 12];
/** Tables of scores of as many users as are ranked at a time: of both parts, and of their sum. */
const [SCORE_TABLES, SCORE_BYTES, BATCH_USERS] = [3, 4 * 2 ** 20, 256];
/** Bytes of a user where histories and metrics are held. */
const USER_BYTES = 32;

/**
 * The blend of two entries that have finished.
 * @param weights of the second: the best by validation is chosen; a single one needs no validation
 */
export function blend(
  name: string,
  [first, second]: readonly [string, string],
  weights: readonly number[] = WEIGHTS,
): Entry {
  const candidate = (scorer: BlendScorer, metric: number | null, parts: readonly Candidate[]): Candidate => ({
    ...{ name, model: 'blend', metric, scorer, compared: metric === null ? 0 : weights.length },
    report: {
      parts: scorer.parts.map(({ weight, deviation }, n) => ({
        ...{ model: parts[n].model, weight, deviation },
        ...parts[n].report,
      })),
    },
    graph: parts.map(({ graph }) => graph).find((graph) => graph !== null) ?? null,
  });
  return {
    name,
    needs: [first, second],
    cost: ({ graph, valid }, { dim = USUAL_DIM }) => ({
      ...{ fixed: 0, unit: weights.length * valid * (QUERY_WORK + graph.numItems * dim), units: 1 },
    }),
    // Sums of two scorers' scores have no codes.
    ranking: ({ graph }, { dim = USUAL_DIM }) => QUERY_WORK + graph.numItems * dim,
    // Copies of the items of both parts, in the memory where they are ranked; users' rows are read where they lie.
    bytes: ({ graph: { numItems, numUsers, numEdges } }, { dim = USUAL_DIM }) => ({
      working:
        (4 * dim + ENTRY_BYTES * defaultEntries(numItems)) * numItems +
        EDGE_BYTES * numEdges +
        USER_BYTES * numUsers +
        SCORE_TABLES * Math.min(SCORE_BYTES, 4 * BATCH_USERS * numItems),
      kept: 0,
    }),
    async run(context) {
      const { split, options, runtime, signal } = context;
      const parts = partsOf(context);
      const how = { protocol: options.protocol, runtime, signal, weights };
      const { scorer, valid } = await chooseBlend('blend', [parts[0].scorer, parts[1].scorer], split, how);
      return candidate(scorer, valid, parts);
    },
    save({ metric, scorer }) {
      const { parts } = scorer as BlendScorer;
      return {
        record: { metric, parts: parts.map(({ weight, deviation }) => ({ weight, deviation })) },
        tensors: {},
      };
    },
    async restore({ record }, context) {
      const parts = partsOf(context);
      const { metric, parts: saved } = record;
      if (
        (metric !== null && typeof metric !== 'number') ||
        !Array.isArray(saved) ||
        saved.length !== parts.length
      )
        return damaged('a metric and two parts', saved);
      const blended = saved.map((part, n) => ({ ...weightOf(part), scorer: parts[n].scorer }));
      return candidate(new BlendScorer('blend', blended), metric, parts);
    },
  };

  function partsOf({ finished }: TrialContext): Candidate[] {
    return [first, second].map((part) => finished.find((found) => found.name === part)!);
  }
}

function weightOf(part: JsonValue): { weight: number; deviation: number } {
  const { weight, deviation } = { ...(part as Record<string, JsonValue>) };
  if (typeof weight === 'number' && typeof deviation === 'number') return { weight, deviation };
  return damaged('a weight and a deviation', part);
}

function damaged(expected: string, received: JsonValue | undefined): never {
  throw new FormatError('resume', `expected a trial with ${expected}, received ${shown(received)}`, DAMAGED);
}
