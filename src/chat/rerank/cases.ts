import { checkIsSplit } from '../../data/argumentKinds.ts';
import { interactionsToCsr } from '../../data/csr.ts';
import type { Split } from '../../data/splits.ts';
import { DataError } from '../../errors.ts';
import { checkArgument, FUNCTION, having } from '../../options/arguments.ts';
import { integer, oneOf } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';
import type { Recommender } from '../../serve/recommender.ts';
import type { RerankItem } from './item.ts';

/**
 * Somebody whose held-out items are known.
 *
 * @example
 * const one: RerankCase = {
 *   id: 'u1',
 *   candidates: [{ id: 'i1', title: 'Steel bottle' }, { id: 'i2', title: 'Oak chair' }],
 *   history: ['Wool scarf'],
 *   relevant: ['i2'],
 * };
 */
export interface RerankCase {
  /** Names the person. */
  readonly id: string;
  /** In our order, best first. */
  readonly candidates: readonly RerankItem[];
  /** What the person likes, the oldest first. */
  readonly history: readonly (string | RerankItem)[];
  /** false: the order of the history means nothing. Default true. */
  readonly orderedHistory?: boolean;
  /** Ids of what is to be found; not all of it is among the candidates. */
  readonly relevant: readonly string[];
}

/**
 * Which people, and how many candidates.
 *
 * @example
 * const options: RerankCasesOptions = { part: 'valid', users: 100, candidates: 20, seed: 1 };
 */
export interface RerankCasesOptions {
  /** Which held-out interactions are looked for. Default `test`. */
  readonly part?: 'valid' | 'test';
  /** How many people are drawn. Default 200 (Hou et al. 2024). */
  readonly users?: number;
  /** Default 20. */
  readonly candidates?: number;
  /** Of the draw. Default 2020. */
  readonly seed?: number;
}

/** Descriptors of `RerankCasesOptions`. */
export const RERANK_CASES_OPTIONS = {
  part: oneOf(['valid', 'test'], { about: 'which held-out interactions are looked for', default: 'test' }),
  users: integer({
    about: 'how many people are asked about',
    flag: '--rerank-users <n>',
    min: 2,
    default: 200,
  }),
  candidates: integer({ about: 'how many of the first are re-ranked', min: 2, default: 20 }),
  seed: integer({ about: 'of the draw', min: 0, default: 2020 }),
} satisfies DescriptorsOf<RerankCasesOptions>;

const RECOMMENDER = having<Recommender>('a recommender', { recommend: FUNCTION, likedItems: FUNCTION });

/**
 * People of a split, drawn at random among those with held-out items, with the first candidates of the exact ranking: without
 * what they have in training and, at test, in validation. Their histories are those of training, in order of time where the
 * interactions have times.
 *
 * @param recommender of a model trained on `split.train`, which keeps nothing else of what people have:
 *   `modelFrom(split, scorer, { seen: split.train, itemTitles })`
 * @throws {DataError} when nobody has held-out items, or the model knows them
 * @throws {OptionError} for other arguments
 * @example
 * const model = modelFrom(split, popularity(split.train), { itemTitles: catalogue, seen: split.train });
 * const cases = rerankCases(new Recommender(model, runtime), split, { part: 'valid', users: 100 });
 */
export function rerankCases(
  recommender: Recommender,
  split: Split,
  options: RerankCasesOptions = {},
): RerankCase[] {
  const where = 'rerankCases';
  checkArgument(RECOMMENDER, recommender, 'recommender', where);
  checkIsSplit(split, where);
  const { part, users, candidates, seed } = resolveOptions(RERANK_CASES_OPTIONS, options, where);
  const { train, valid } = split;
  const { itemIds, userIds, timestamps } = train;
  const held = interactionsToCsr(split[part]);
  const known = [train, ...(part === 'test' ? [valid] : [])].map(interactionsToCsr);
  const rowsOf = (csr: typeof held, user: number) =>
    Array.from(csr.colIdx.subarray(csr.rowPtr[user], csr.rowPtr[user + 1]), (item) => itemIds[item]);
  const drawn = new Random(seed, PURPOSE.sample)
    .shuffle(Int32Array.from({ length: train.numUsers }, (_, user) => user))
    .filter(
      (user) =>
        held.rowPtr[user] < held.rowPtr[user + 1] && known[0].rowPtr[user] < known[0].rowPtr[user + 1],
    );
  if (drawn.length === 0) {
    const problem = `expected people with ${part} and training interactions, received none`;
    throw new DataError(where, problem, 'Split with something held out');
  }
  const histories = historiesInOrder(split);
  return Array.from(drawn.subarray(0, users).sort(), (user) => {
    const relevant = rowsOf(held, user);
    const id = userIds[user];
    refuseLeak(recommender, id, relevant);
    const exclude = known.flatMap((csr) => rowsOf(csr, user));
    return {
      ...{ id, relevant, orderedHistory: timestamps !== null },
      candidates: recommender.recommend(id, { k: candidates, seen: 'none', exclude }),
      history: recommender.likedItems({ history: histories[user] }),
    };
  });
}

/** Item ids of each user's training, by time where there is one. */
function historiesInOrder({ train }: Split): string[][] {
  const { users, items, itemIds, timestamps } = train;
  const positions = Array.from(users.keys());
  if (timestamps) positions.sort((a, b) => timestamps[a] - timestamps[b] || a - b);
  const histories: string[][] = Array.from({ length: train.numUsers }, () => []);
  for (const n of positions) histories[users[n]].push(itemIds[items[n]]);
  return histories;
}

function refuseLeak(recommender: Recommender, user: string, relevant: readonly string[]): void {
  const liked = new Set(recommender.likedItems(user).map(({ id }) => id));
  if (!relevant.some((id) => liked.has(id))) return;
  const problem = `expected a model that knows training interactions alone, received one that knows what is held out of ${user}`;
  throw new DataError('rerankCases', problem, 'Make it with modelFrom(split, scorer, { seen: split.train })');
}
