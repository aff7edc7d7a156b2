import type { History } from './history.ts';
import { leftOut, type Person, personOf, UnknownPerson } from './person.ts';
import { boostsOf, described, excludedItems, isShort, rankPage } from './ranking.ts';
import { type Recommendations, recommendationsOf } from './recommendation.ts';
import { rankPopular } from './recommendMany.ts';
import { checkedOptions, type RecommendOptions } from './recommendOptions.ts';
import type { ServingState } from './servingState.ts';

/** Items for one person; see `Recommender.recommend`. */
export function recommendOne(
  state: ServingState,
  where: string,
  person: string | History,
  options: RecommendOptions | undefined,
): Recommendations {
  const checked = checkedOptions(options, where);
  const found = personOf(state, person, checked, where);
  if (found instanceof UnknownPerson) {
    if (checked.fallback !== 'popular') throw found.error;
    return recommendPopular(state, checked, found);
  }
  const excluded = excludedItems(state, checked, leftOut(found, checked));
  const boosts = boostsOf(state, checked);
  const rank = (left: Uint8Array, k: number) => state.scorer.rank(found.query, left, k, boosts);
  const items = described(state, rankPage(state, excluded, checked, rank));
  return recommendationsOf(items, found.basis, found.unknownItems, isShort(items, checked));
}

/** Popular items. @param person instead of whose own items they come */
export function recommendPopular(
  state: ServingState,
  options: RecommendOptions,
  person?: UnknownPerson,
): Recommendations {
  const ranked = described(state, rankPopular(state, options, person));
  return recommendationsOf(ranked, 'popular', person?.unknownItems ?? [], isShort(ranked, options));
}

/** @throws {DataError} when nothing is known of the person */
export function knownPerson(state: ServingState, where: string, person: string | History): Person {
  const found = personOf(state, person, {}, where);
  if (found instanceof UnknownPerson) throw found.error;
  return found;
}
