import { DataError, OptionError, shown } from '../errors.ts';
import { load, type Runtime } from '../runtime/loadServing.ts';
import { type Explanation, explain } from './explain.ts';
import { rankForText, splitTextOptions, type TextOptions } from './forText.ts';
import { checkedUrl, type FetchOptions, fetchImage, shared } from './fromUrl.ts';
import { ItemSet } from './itemSet.ts';
import {
  applyChange,
  type ItemUpdate,
  type ModelChange,
  type NewInteraction,
  type NewItem,
} from './living.ts';
import type { ModelData } from './modelFile/data.ts';
import { encodeModel } from './modelFile/encode.ts';
import { bytesOf, imageOf, type OpenModel, openModel } from './openModel.ts';
import { modelOnHost, type OpenOptions, openOptions } from './openOptions.ts';
import { type History, leftOut, type Person, personOf, refuseItem, UnknownPerson } from './person.ts';
import { boostsOf, described, excludedItems, rankPage } from './ranking.ts';
import { type Recommendations, recommendationsOf } from './recommendation.ts';
import { rankPopular, recommendBatches } from './recommendMany.ts';
import { checkedOptions, type RecommendOptions } from './recommendOptions.ts';
import { rankSimilar } from './similar.ts';
import { snapshotOf } from './snapshot.ts';

/** Options of similar and popular items: nobody has seen anything. */
export type ItemOptions = Omit<RecommendOptions, 'seen' | 'includeSeen' | 'fallback' | 'unknown'>;

/** One person of many, and what is recommended. */
export interface PersonRecommendations {
  readonly person: string | History;
  readonly items: Recommendations;
}

/**
 * Recommends from a trained model, without its training data. Rankings are exact; filters are applied before ranking,
 * so that k items come back as long as k are left. Ties go to the item that stands first in the model.
 */
export class Recommender {
  readonly #model: OpenModel;
  #snapshot: ModelData | null = null;
  #isClosed = false;

  /**
   * Opens a model that is on the host already; `Recommender.open` opens a file.
   * @throws {BudgetError} when the model does not fit the runtime's memory limit
   * @throws {OptionError} for what is no model, or without a runtime
   */
  constructor(model: ModelData, runtime: Runtime);
  /** @internal */
  constructor(model: OpenModel);
  constructor(model: ModelData | OpenModel, runtime?: Runtime) {
    this.#model = isOpen(model) ? model : modelOnHost(model, runtime);
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
    const { name = 'model', runtime = given, index = 'auto' } = openOptions(options);
    const view = bytesOf(bytes);
    const { length } = view;
    const kernels = runtime ?? (await load());
    if (view.length !== length) {
      const problem = `expected bytes that stay until the model is open, received ${length} that were transferred`;
      throw new OptionError('Recommender.open', problem, 'Transfer them after the promise has settled');
    }
    return new Recommender(openModel(imageOf(view, name, kernels), index));
  }

  /**
   * Fetches and opens a model file, which goes straight to where it is used: it is never in memory twice. Callers that ask for
   * an address at the same time, without options, get one recommender.
   * @throws {FormatError} when the answer has another status than 200, or is no intact model file: it says what it is
   * @throws {BudgetError} when the model does not fit the runtime's memory limit
   */
  static fromUrl(
    url: string | URL,
    options: FetchOptions & Pick<OpenOptions, 'index'> = {},
  ): Promise<Recommender> {
    const { index = 'auto', ...rest } = options;
    const make = async () =>
      new Recommender(openModel(await fetchImage(checkedUrl(url, rest.fetch !== undefined), rest), index));
    return Object.keys(options).length > 0 ? make() : shared(checkedUrl(url, false), make);
  }

  /** What the model is at the moment: everything in it on the host, each part when it is first read. */
  get model(): ModelData {
    this.#snapshot ??= snapshotOf(this.#open('model'));
    return this.#snapshot;
  }

  /** Bytes of memory that the model takes. */
  get memoryBytes(): number {
    return this.#model.image.memory.bytes;
  }

  /** Names the file that the model was opened from, whatever was changed since: eight hexadecimal digits. */
  get digest(): string {
    return (this.#open('digest').image.metadata.checksum ?? 'none').replace('crc32:', '');
  }

  /** Items that the model has at the moment. */
  get numItems(): number {
    return this.#open('numItems').state.catalogue.ids.presentCount;
  }

  /** People that the model knows at the moment. */
  get numUsers(): number {
    return this.#open('numUsers').state.people.ids.presentCount;
  }

  /** Whether the model knows the user. */
  has(userId: string): boolean {
    return this.#open('has').state.people.ids.find(userId) >= 0;
  }

  /** Whether the model has the item. */
  hasItem(itemId: string): boolean {
    return this.#open('hasItem').state.catalogue.ids.find(itemId) >= 0;
  }

  /** Items looked up once, for `only` and `exclude` of many calls. Items that are added later are not in it. */
  itemSet(ids: Iterable<string>): ItemSet {
    const { catalogue } = this.#open('itemSet').state;
    const items = new Set<number>();
    const unknown: string[] = [];
    for (const id of ids) {
      const item = catalogue.ids.find(id);
      if (item < 0) unknown.push(id);
      else items.add(item);
    }
    return new ItemSet(
      catalogue,
      [...items].sort((a, b) => a - b),
      unknown,
    );
  }

  /**
   * Items for a user of the model or for anyone with a history, best first.
   * @throws {DataError} when nothing is known of the person and there is no fallback
   * @throws {OptionError} for options that are unknown or out of range, filters over columns that the model does not keep
   */
  recommend(person: string | History, options?: RecommendOptions): Recommendations {
    return this.#recommend('recommend', person, options);
  }

  /** As `recommend({ history }, options)`. */
  recommendFor(history: readonly string[], options?: RecommendOptions): Recommendations {
    return this.#recommend('recommendFor', { history }, options);
  }

  /**
   * Items for many people, in their order, some hundred at a time: many times as fast as one by one.
   * @throws as `recommend` at the first person of whom nothing is known, after the others before; the signal's reason
   */
  recommendMany(
    people: Iterable<string | History> | AsyncIterable<string | History>,
    options: RecommendOptions & { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<PersonRecommendations, void, void> {
    const { signal, ...own } = options;
    const checked = checkedOptions(own, 'recommendMany');
    return recommendBatches(this.#open('recommendMany').state, people, checked, signal);
  }

  /**
   * The items closest to an item, or to several together, by the cosine of their final rows (of a model without factors:
   * by its sparse rows), themselves left out; `score` is the cosine.
   * @throws {DataError} when the model does not know an item
   */
  similarItems(items: string | readonly string[], options?: ItemOptions): Recommendations {
    const { state } = this.#open('similarItems');
    const checked = checkedOptions(options, 'similarItems');
    const numbers = this.#items('similarItems', typeof items === 'string' ? [items] : items);
    const excluded = excludedItems(state, checked, numbers);
    const ranked = rankPage(state, excluded, checked, (left, k) => rankSimilar(state, numbers, left, k));
    return recommendationsOf(described(state, ranked), 'items');
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
    const { state, texts } = this.#open(where);
    const { person, textWeight, options: own } = splitTextOptions(options);
    const checked = checkedOptions(own, where);
    let vector: Float32Array;
    try {
      vector = texts.vectorOf(query, 'the query', where);
    } catch (error) {
      if (checked.fallback !== 'popular' || !(error instanceof DataError)) throw error;
      return this.#popular(checked);
    }
    const ranked = rankForText(state, vector, person, textWeight, checked);
    return recommendationsOf(described(state, ranked), 'text', ranked.unknownItems);
  }

  /** The items with the most interactions, for someone without any history; `score` is that number. */
  popularItems(options?: ItemOptions): Recommendations {
    this.#open('popularItems');
    return this.#popular(checkedOptions(options, 'popularItems'));
  }

  /**
   * The score of an item for a person, as `recommend` gives it.
   * @throws {DataError} when the model does not know the item, or nothing of the person
   */
  score(person: string | History, itemId: string): number {
    const { state } = this.#open('score');
    const { query } = this.#person('score', person, {});
    return state.scorer.scoreItems(query, this.#items('score', [itemId]))[0];
  }

  /**
   * The listed items by their scores for a person, best first: items that the person has, and hidden ones, too.
   * @throws {DataError} when the model does not know an item, or nothing of the person
   */
  rank(person: string | History, itemIds: readonly string[]): Recommendations {
    const { state } = this.#open('rank');
    const { query, basis, unknownItems } = this.#person('rank', person, {});
    const items = [...new Set(this.#items('rank', itemIds))].sort((a, b) => a - b);
    const scores = state.scorer.scoreItems(query, items);
    const order = [...items.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
    const ranked = {
      items: Int32Array.from(order, (n) => items[n]),
      scores: Float32Array.from(order, (n) => scores[n]),
    };
    return recommendationsOf(described(state, ranked), basis, unknownItems);
  }

  /**
   * What the score of an item for a person is made of: what each item that the person likes adds to it.
   * @throws {DataError} when the model does not know the item, or nothing of the person
   */
  explain(person: string | History, itemId: string): Explanation {
    const { state } = this.#open('explain');
    return explain(state, this.#person('explain', person, {}), this.#items('explain', [itemId])[0]);
  }

  /**
   * Places new items by their texts, or the vectors of these: see `placeItem`. They can be recommended at once, marked `cold`.
   * @param options `exposure`: how often they are shown, 1 (the default) for their fair share
   * @throws {DataError} for ids that the model has or that are repeated, vectors that are not finite
   * @throws {OptionError} for a model without text vectors, columns that it does not keep, values of another type
   * @throws {ShapeError} for vectors of another width
   */
  addItems(items: readonly NewItem[], options: { readonly exposure?: number } = {}): void {
    this.apply({ op: 'addItems', items, ...options });
  }

  /** New titles and attributes of items. @throws {DataError} for items that the model does not have */
  updateItems(items: readonly ItemUpdate[]): void {
    this.apply({ op: 'updateItems', items });
  }

  /** Takes items out, from what people have, too. @throws {DataError} for items that the model does not have */
  removeItems(ids: readonly string[]): void {
    this.apply({ op: 'removeItems', ids });
  }

  /** Keeps items out of all recommendations, or lets them in again. @throws {DataError} for items that it does not have */
  hide(ids: readonly string[], hidden = true): void {
    this.apply({ op: 'hideItems', ids, hidden });
  }

  /**
   * Adds what people did; new people are known from then on. Each person's row becomes the mean of the final rows of what he or
   * she likes, which ranks as well as the one of training.
   * @throws {DataError} for items that the model does not have; nothing is added then
   */
  addInteractions(rows: readonly NewInteraction[]): void {
    this.apply({ op: 'addInteractions', rows });
  }

  /**
   * Forgets a person: id, row and items, in memory and in what `encode` gives. What training learned from everyone stays.
   * @throws {DataError} when the model does not know the user
   */
  removeUser(user: string): void {
    this.apply({ op: 'removeUser', user });
  }

  /**
   * Makes a change, or on an error none of it. Changes are JSON: kept in a journal and applied in the same order to the same
   * file, they give the same bytes of `encode`, snapshots in between or not.
   */
  apply(change: ModelChange): void {
    const model = this.#open('apply');
    this.#snapshot = null;
    applyChange(model, change);
  }

  /** The bytes of a model file of what the model is at the moment. */
  encode(): Uint8Array {
    return encodeModel(this.model);
  }

  /** Gives the model's memory back; nothing can be asked afterwards. A second time changes nothing. */
  close(): void {
    this.#isClosed = true;
    this.#model.image.memory.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #recommend(
    where: string,
    person: string | History,
    options: RecommendOptions | undefined,
  ): Recommendations {
    const { state } = this.#open(where);
    const checked = checkedOptions(options, where);
    const found = personOf(state, person, checked, where);
    if (found instanceof UnknownPerson) {
      if (checked.fallback !== 'popular') throw found.error;
      return this.#popular(checked, found);
    }
    const excluded = excludedItems(state, checked, leftOut(found, checked));
    const boosts = boostsOf(state, checked);
    const rank = (left: Uint8Array, k: number) => state.scorer.rank(found.query, left, k, boosts);
    return recommendationsOf(
      described(state, rankPage(state, excluded, checked, rank)),
      found.basis,
      found.unknownItems,
    );
  }

  #popular(options: RecommendOptions, person?: UnknownPerson): Recommendations {
    const { state } = this.#model;
    const ranked = described(state, rankPopular(state, options, person));
    return recommendationsOf(ranked, 'popular', person?.unknownItems ?? []);
  }

  #person(where: string, person: string | History, options: RecommendOptions): Person {
    const found = personOf(this.#model.state, person, options, where);
    if (found instanceof UnknownPerson) throw found.error;
    return found;
  }

  #items(where: string, ids: unknown): number[] {
    const { state } = this.#model;
    if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
      throw new OptionError(where, `expected item ids, received ${shown(ids)}`, "Pass e.g. ['i7', 'i9']");
    }
    return ids.map((id) => {
      const item = state.catalogue.ids.find(id);
      return item < 0 ? refuseItem(state, id, where) : item;
    });
  }

  #open(where: string): OpenModel {
    if (!this.#isClosed) return this.#model;
    throw new OptionError(
      where,
      'expected an open recommender, received one that is closed',
      'Open the model again',
    );
  }
}

function isOpen(model: unknown): model is OpenModel {
  return typeof model === 'object' && model !== null && 'image' in model;
}
