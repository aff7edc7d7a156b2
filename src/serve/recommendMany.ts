import { Turns } from '../runtime/turns.ts';
import type { History } from './history.ts';
import type { Person } from './person.ts';
import { leftOut, personOf, UnknownPerson } from './person.ts';
import { boostsOf, described, excludedItems, isShort, rankPage } from './ranking.ts';
import { type Recommendations, recommendationsOf } from './recommendation.ts';
import type { RecommendOptions } from './recommendOptions.ts';
import { rankValues } from './scoring/denseRanking.ts';
import type { Ranked } from './scoring/factorTable.ts';
import type { ServingState } from './servingState.ts';

/** People ranked at a time, if their masks are not larger than this. */
const BATCH = 256;
const MASK_BYTES = 4 * 2 ** 20;

/** Items for many people, a batch at a time; see `Recommender.recommendMany`. */
export async function* recommendBatches(
  state: ServingState,
  people: Iterable<string | History> | AsyncIterable<string | History>,
  options: RecommendOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly person: string | History; readonly items: Recommendations }, void, void> {
  const turns = new Turns(signal);
  const size = Math.max(1, Math.min(BATCH, Math.floor(MASK_BYTES / state.catalogue.excluded().length)));
  let batch: (string | History)[] = [];
  for await (const person of people) {
    batch.push(person);
    if (batch.length < size) continue;
    await turns.offer();
    yield* rankBatch(state, batch, options);
    batch = [];
  }
  await turns.offer();
  yield* rankBatch(state, batch, options);
}

function* rankBatch(state: ServingState, batch: readonly (string | History)[], options: RecommendOptions) {
  const found = batch.map((person) => personOf(state, person, options, 'recommendMany'));
  const failed = options.fallback === 'popular' ? -1 : found.findIndex((one) => one instanceof UnknownPerson);
  const whole = failed < 0 ? found.length : failed;
  const known = found.slice(0, whole).filter((one): one is Person => !(one instanceof UnknownPerson));
  const ranked = rankKnown(state, known, options);
  let popular: Ranked | null = null;
  for (let n = 0, at = 0; n < whole; n++) {
    const one = found[n];
    if (one instanceof UnknownPerson) {
      if (one.had.length === 0) popular ??= rankPopular(state, options);
      const own = described(state, one.had.length === 0 ? popular! : rankPopular(state, options, one));
      yield {
        person: batch[n],
        items: recommendationsOf(own, 'popular', one.unknownItems, isShort(own, options)),
      };
    } else {
      const own = described(state, ranked[at++]);
      yield {
        person: batch[n],
        items: recommendationsOf(own, one.basis, one.unknownItems, isShort(own, options)),
      };
    }
  }
  if (failed >= 0) throw (found[failed] as UnknownPerson).error;
}

/** Of factors all at once; of other scores one by one. */
function rankKnown(state: ServingState, people: readonly Person[], options: RecommendOptions): Ranked[] {
  if (people.length === 0) return [];
  const { scorer } = state;
  const boosts = boostsOf(state, options);
  const masks = people.map((person) => excludedItems(state, options, leftOut(person, options)));
  if (!scorer.isFactors || boosts.length > 0 || options.maxPerGroup) {
    return people.map(({ query }, n) =>
      rankPage(state, masks[n], options, (left, k) => scorer.rank(query, left, k, boosts)),
    );
  }
  const wanted = (options.k ?? 10) + (options.offset ?? 0);
  const queries = people.map(({ query }, n) => ({ row: query.row!, excluded: masks[n] }));
  const ranked = scorer.factors!.rankMany(queries, Math.min(wanted, state.catalogue.numItems));
  return ranked.map((own, n) => rankPage(state, masks[n], options, () => own));
}

/** The items with the most interactions, without those that `person` has. */
export function rankPopular(state: ServingState, options: RecommendOptions, person?: UnknownPerson): Ranked {
  const counts = Float32Array.from(state.catalogue.degrees());
  const { workspace } = state.memory;
  const excluded = excludedItems(state, options, person ? leftOut(person, options) : []);
  return rankPage(state, excluded, options, (left, k) => rankValues(workspace, counts, left, k));
}
