import { DataError, OptionError } from '../errors.ts';
import { argument, checkArgument, ITERABLE } from '../options/arguments.ts';
import { SIGNAL } from '../options/kinds.ts';
import { optionsObject, resolveOptions } from '../options/resolve.ts';
import { load, type Runtime } from '../runtime/loadServing.ts';
import { type ExplainOptions, type Explanation, explain } from './explain.ts';
import { rankForText, splitTextOptions, type TextOptions } from './forText.ts';
import { checkedUrl, FETCH_OPTIONS, type FetchOptions, fetchImage, shared } from './fromUrl.ts';
import type { History } from './history.ts';
import { type ItemSet, itemNumbers, itemSetOf, refuseIds } from './itemSet.ts';
import { type LikedItem, likedItemsOf } from './likedItems.ts';
import { LivingModel } from './livingModel.ts';
import type { ModelData } from './modelFile/data.ts';
import { bytesOf, imageOf, type OpenModel, openModel } from './openModel.ts';
import { modelOnHost, type OpenOptions, openOptions } from './openOptions.ts';
import { checkScore, described, excludedItems, isShort, rankPage } from './ranking.ts';
import { type Recommendations, recommendationsOf } from './recommendation.ts';
import { recommendBatches } from './recommendMany.ts';
import { knownPerson, recommendOne, recommendPopular } from './recommendOne.ts';
import { checkedOptions, type RecommendOptions } from './recommendOptions.ts';
import type { SequenceSupport } from './sequences.ts';
import { rankSimilar } from './similar.ts';

/**
 * Options of similar and popular items: nobody has seen anything.
 *
 * @example
 * const options: ItemOptions = { k: 5, exclude: ['i2'] };
 * const alike = recommender.similarItems('i1', options);
 */
export type ItemOptions = Omit<RecommendOptions, 'seen' | 'includeSeen' | 'fallback' | 'unknown'>;

/**
 * One person of many, and what is recommended.
 *
 * @example
 * for await (const { person, items } of recommender.recommendMany(['u1', 'u2'], { k: 3 }))
 *   console.log(person, items.length);
 * const of: PersonRecommendations = { person: 'u1', items: recommender.recommend('u1') };
 */
export interface PersonRecommendations {
  readonly person: string | History;
  readonly items: Recommendations;
}

/**
 * Recommends from a trained model, without its training data. Rankings are exact; filters are applied before ranking,
 * so that k items come back as long as k are left. Ties go to the item that stands first in the model.
 *
 * @example
 * const recommender = await Recommender.open(modelBytes);
 * const forAda = recommender.recommend('u1', { k: 3 });
 * const alike = recommender.similarItems('i1', { k: 2 });
 * const session = recommender.recommendFor(['i1', 'i2'], { k: 3 });
 * [forAda.length, alike.length, session.length]; // → [3, 2, 3]
 */
export class Recommender extends LivingModel {
  /**
   * Opens a model that is on the host already; `Recommender.open` opens a file.
   * @param sequences what reads a model of sequences, see `OpenOptions`
   * @throws {BudgetError} when the model does not fit the runtime's memory limit
   * @throws {OptionError} for what is no model, or without a runtime
   */
  constructor(model: ModelData, runtime: Runtime, sequences?: SequenceSupport);
  /** @internal */
  constructor(model: OpenModel);
  constructor(model: ModelData | OpenModel, runtime?: Runtime, sequences?: SequenceSupport) {
    super(isOpen(model) ? model : modelOnHost(model, runtime, sequences));
  }

  /**
   * Opens a model file. Its bytes are copied, at the latest when the promise settles: then nothing refers to them, and they
   * may be overwritten or transferred.
   * @throws {FormatError} when the bytes are not an intact model file
   * @throws {OptionError} when they are no bytes
   * @throws {BudgetError} when the model does not fit the runtime's memory limit
   */
  static open(bytes: Uint8Array | ArrayBuffer, options?: OpenOptions): Promise<Recommender>;
  /** As above: a name for errors, and a runtime. */
  static open(bytes: Uint8Array | ArrayBuffer, name?: string, runtime?: Runtime): Promise<Recommender>;
  static async open(
    bytes: Uint8Array | ArrayBuffer,
    options: OpenOptions | string = {},
    given?: Runtime,
  ): Promise<Recommender> {
    const { name = 'model', runtime = given, index = 'auto', sequences } = openOptions(options);
    const view = bytesOf(bytes);
    const { length } = view;
    const kernels = runtime ?? (await load());
    if (view.length !== length) {
      const problem = `expected bytes that stay until the model is open, received ${length} that were transferred`;
      throw new OptionError('Recommender.open', problem, 'Transfer them after the promise has settled');
    }
    return new Recommender(openModel(imageOf(view, name, kernels), index, sequences));
  }

  /**
   * Fetches and opens a model file, which goes straight to where it is used: it is never in memory twice. Callers that ask for
   * an address at the same time, without options, get one recommender.
   * @throws {FormatError} when the answer has another status than 200, or is no intact model file: it says what it is
   * @throws {DataError} when there is no answer
   * @throws {BudgetError} when the model does not fit the runtime's memory limit
   */
  static fromUrl(
    url: string | URL,
    options: FetchOptions & Pick<OpenOptions, 'index' | 'sequences'> = {},
  ): Promise<Recommender> {
    resolveOptions(FETCH_OPTIONS, options, 'Recommender.fromUrl');
    const { index = 'auto', sequences, ...rest } = options;
    const make = async () =>
      new Recommender(
        openModel(await fetchImage(checkedUrl(url, rest.fetch !== undefined), rest), index, sequences),
      );
    return Object.keys(options).length > 0 ? make() : shared(checkedUrl(url, false), make);
  }

  /** Items looked up once, for `only` and `exclude` of many calls. Items that are added later are not in it. */
  itemSet(ids: Iterable<string>): ItemSet {
    return itemSetOf(this.opened('itemSet').state, ids);
  }

  /**
   * Items for a user of the model or for anyone with a history, best first.
   * @throws {DataError} when nothing is known of the person and there is no fallback
   * @throws {OptionError} for options that are unknown or out of range, filters over columns that the model does not keep
   */
  recommend(person: string | History, options?: RecommendOptions): Recommendations {
    return recommendOne(this.opened('recommend').state, 'recommend', person, options);
  }

  /** As `recommend({ history }, options)`. */
  recommendFor(history: readonly string[], options?: RecommendOptions): Recommendations {
    return recommendOne(this.opened('recommendFor').state, 'recommendFor', { history }, options);
  }

  /**
   * Items for many people, in their order, some hundred at a time: many times as fast as one by one.
   * @throws as `recommend` at the first person of whom nothing is known, after the others before; the signal's reason
   */
  recommendMany(
    people: Iterable<string | History> | AsyncIterable<string | History>,
    options: RecommendOptions & { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<PersonRecommendations, void, void> {
    const where = 'recommendMany';
    const { signal, ...own } = optionsObject(options, { where }) as typeof options;
    if (signal !== undefined) SIGNAL.check(signal, 'signal', where);
    checkArgument(PEOPLE, people, 'people', where);
    return recommendBatches(this.opened(where).state, people, checkedOptions(own, where), signal);
  }

  /**
   * The items closest to an item, or to several together, by the cosine of their final rows (of a model without factors:
   * by its sparse rows), themselves left out; `score` is the cosine.
   * @throws {DataError} when the model does not know an item
   */
  similarItems(items: string | readonly string[], options?: ItemOptions): Recommendations {
    const { state } = this.opened('similarItems');
    const checked = checkedOptions(options, 'similarItems');
    const numbers = itemNumbers(state, 'similarItems', typeof items === 'string' ? [items] : items);
    if (numbers.length === 0) refuseIds('similarItems', items);
    const excluded = excludedItems(state, checked, numbers);
    const ranked = rankPage(state, excluded, checked, (left, k) => rankSimilar(state, numbers, left, k));
    const found = described(state, ranked);
    return recommendationsOf(found, 'items', [], isShort(found, checked));
  }

  /**
   * The items whose texts are closest to a query, such as what was typed into a search box; with a `history` also to what
   * somebody likes. `score` is the cosine where there is neither history nor boost.
   * @param query a text, for a model that keeps lexical vectors, or a vector by the embedder that made those of the model
   * @throws {OptionError} for a model without text vectors, a text where only vectors can be used, other options
   * @throws {DataError} for a text without a word of the catalogue, unless there is a fallback
   * @throws {ShapeError} for a vector of another width
   */
  recommendForText(query: string | ArrayLike<number>, options: TextOptions = {}): Recommendations {
    const where = 'recommendForText';
    const { state, texts } = this.opened(where);
    const { person, textWeight, options: own } = splitTextOptions(options);
    const checked = checkedOptions(own, where);
    let vector: Float32Array;
    try {
      vector = texts.vectorOf(query, 'the query', where);
    } catch (error) {
      if (checked.fallback !== 'popular' || !(error instanceof DataError)) throw error;
      return recommendPopular(state, checked);
    }
    const ranked = rankForText(state, vector, person, textWeight, checked);
    const found = described(state, ranked);
    return recommendationsOf(found, 'text', ranked.unknownItems, isShort(found, checked));
  }

  /** The items with the most interactions, for someone without any history; `score` is that number. */
  popularItems(options?: ItemOptions): Recommendations {
    const { state } = this.opened('popularItems');
    return recommendPopular(state, checkedOptions(options, 'popularItems'));
  }

  /**
   * The score of an item for a person, as `recommend` gives it.
   * @throws {DataError} when the model does not know the item, or nothing of the person; when f32 cannot hold the score
   */
  score(person: string | History, itemId: string): number {
    const { state } = this.opened('score');
    const { query } = knownPerson(state, 'score', person);
    const items = itemNumbers(state, 'score', [itemId]);
    const [score] = state.scorer.scoreItems(query, items);
    checkScore(state, items[0], score);
    return score;
  }

  /**
   * The listed items by their scores for a person, best first: items that the person has, and hidden ones, too.
   * @throws {DataError} when the model does not know an item, or nothing of the person
   */
  rank(person: string | History, itemIds: readonly string[]): Recommendations {
    const { state } = this.opened('rank');
    const { query, basis, unknownItems } = knownPerson(state, 'rank', person);
    const items = [...new Set(itemNumbers(state, 'rank', itemIds))].sort((a, b) => a - b);
    const scores = state.scorer.scoreItems(query, items);
    const order = [...items.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
    const ranked = {
      items: Int32Array.from(order, (n) => items[n]),
      scores: Float32Array.from(order, (n) => scores[n]),
    };
    return recommendationsOf(described(state, ranked), basis, unknownItems);
  }

  /**
   * What a person likes, as far as the model has it: of a user by the items' places in the model, which say nothing of time; of a
   * history from the oldest, by its times or else in its order. Nothing of somebody who is unknown.
   * @throws {OptionError} for what is neither an id nor a history
   */
  likedItems(person: string | History): LikedItem[] {
    return likedItemsOf(this.opened('likedItems').state, 'likedItems', person);
  }

  /**
   * What the score of an item for a person is made of: what each item that the person likes adds to it, and the ways through
   * the graph that carry it, by others who like both.
   * @throws {DataError} when the model does not know the item, or nothing of the person
   * @throws {OptionError} for other options
   */
  explain(person: string | History, itemId: string, options?: ExplainOptions): Explanation {
    const { state } = this.opened('explain');
    const [item] = itemNumbers(state, 'explain', [itemId]);
    return explain(state, knownPerson(state, 'explain', person), item, options);
  }
}

const PEOPLE = argument<Iterable<unknown>>(
  'a list of user ids and histories',
  (value) =>
    ITERABLE.is(value) || (typeof value === 'object' && value !== null && Symbol.asyncIterator in value),
);

function isOpen(model: unknown): model is OpenModel {
  return typeof model === 'object' && model !== null && 'image' in model;
}
