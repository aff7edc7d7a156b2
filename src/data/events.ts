import { DataError, OptionError, shown } from '../errors.ts';
import { instance } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';

/**
 * Options that say what events of a kind mean.
 *
 * @example
 * const options: EventOptions = { events: ['buy', 'cart'], eventWeights: { buy: 5 } };
 */
export interface EventOptions {
  /**
   * Kinds of events that count as liked, e.g. `['buy', 'cart']`, in any case and with or without `_`; pairs with other
   * events only are met, not liked. Default: all kinds of a weight above 0.
   */
  events?: readonly string[];
  /**
   * Weights of kinds: above 0 liked, 0 met, below 0 disliked. Default of kinds that are not named: 1 for seeing (view,
   * click, play, pv and words that are not known), 2 for keeping (cart, favourite, like, share, follow …), 3 for paying
   * (buy, purchase, transaction, order, install …), 0 for impressions and what was taken back (remove_from_cart, skip
   * …), −2 for dislike, hide, block …, −3 for return and refund.
   */
  eventWeights?: Readonly<Record<string, number>>;
}

/**
 * Events of one kind in what was read.
 *
 * @example
 * const { interactions } = await readInteractions('user,item,event\na,x,view\na,y,purchase\n');
 * const counts: readonly EventCount[] | null = interactions.feedback!.events;
 */
export interface EventCount {
  readonly kind: string;
  readonly rows: number;
  readonly weight: number;
}

const WEIGHTS_OF_WORDS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    '1':
      'view views viewed viewitem viewproduct viewcontent productview productviewed itemview pageview pageviewed pv detail ' +
      'details detailview productdetail detailproductview click clicks clicked clk selectitem visit visited browse ' +
      'browsed open opened read watch watched listen listened play played stream streamed preview',
    '2':
      'cart carts addtocart addcart addtobasket basket cartadd addedtocart productadded atc begincheckout checkout ' +
      'initiatecheckout addpaymentinfo addshippinginfo fav favs favorite favourite favorited favourited addtofavorites ' +
      'like liked likes upvote upvoted thumbsup heart save saved bookmark bookmarked wishlist addtowishlist collect ' +
      'collected collection share shared forward comment commented review reviewed follow followed subscribe subscribed',
    '3':
      'buy buys bought purchase purchased purchases transaction transactions order ordered orders orderplaced ' +
      'ordercompleted pay paid payment alipay conversion converted sale sold rent rented booked booking install ' +
      'installed download downloaded',
    '0':
      'impression impressions exposed exposure viewitemlist removefromcart cartremove removedfromcart ' +
      'deletefromcart removefrombasket productremoved unfavorite unfavourite removefromwishlist removefromfavorites ' +
      'unsave unlike unfollow cancel cancelled canceled skip skipped ignore ignored',
    '-2':
      'dislike disliked downvote downvoted thumbsdown hide hidden block blocked report reported notinterested reject ' +
      'rejected hate',
    '-3': 'return returned refund refunded chargeback',
  }).flatMap(([weight, words]) => words.split(' ').map((word) => [word, Number(weight)] as const)),
);

/** Weight of a kind that is no known word. */
const UNKNOWN_WEIGHT = 1;

/** More kinds than this are no kinds of events. */
const MOST_KINDS = 200;

/** A kind without case and marks: `Add-to-Cart` and `add_to_cart` are `addtocart`. */
function plainKind(kind: string): string {
  return kind.toLowerCase().replace(/[\s_\-./:]/g, '');
}

/** Whether a word is a kind of event that has a weight of its own. */
export function isEventWord(word: string): boolean {
  return WEIGHTS_OF_WORDS.has(plainKind(word));
}

/** Every option about events. */
export const EVENT_OPTIONS: DescriptorsOf<EventOptions> = {
  events: instance<readonly string[]>('a list of kinds of events', isKinds, {
    about: 'kinds that are liked',
  }),
  eventWeights: instance<NonNullable<EventOptions['eventWeights']>>(
    'finite numbers by kind of event',
    areWeights,
    { about: 'how much kinds count' },
  ),
};

/** The kinds of events met so far, with their weights and how many rows each has. */
export class EventKinds {
  readonly #liked: ReadonlySet<string> | null;
  readonly #given: ReadonlyMap<string, number>;
  readonly #options: EventOptions;
  readonly #indices = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #weights: number[] = [];
  readonly #rows: number[] = [];

  /** @param options checked ones, see `EVENT_OPTIONS` @throws {OptionError} for options that contradict */
  constructor(options: EventOptions) {
    const { events, eventWeights } = options;
    this.#options = options;
    this.#liked = events ? new Set(events.map(plainKind)) : null;
    this.#given = new Map(
      Object.entries(eventWeights ?? {}).map(([kind, weight]) => [plainKind(kind), weight]),
    );
    for (const kind of events ?? []) {
      const weight = this.#given.get(plainKind(kind));
      if (weight === undefined || weight > 0) continue;
      const problem = `${shown(kind)} is among the liked events and has the weight ${weight}`;
      throw new OptionError('events', problem, 'Leave it out, or give it a weight above 0', 'events');
    }
  }

  /** Whether the caller says what kinds mean. */
  get areGiven(): boolean {
    return this.#liked !== null || this.#given.size > 0;
  }

  /** The number of a kind, which is added if it is new. @throws {DataError} for one kind too many */
  index(kind: string): number {
    const known = this.#indices.get(kind);
    if (known !== undefined) return known;
    const plain = plainKind(kind);
    const index = this.#names.findIndex((name) => plainKind(name) === plain);
    this.#indices.set(kind, index === -1 ? this.#names.length : index);
    return index === -1 ? this.#add(kind, plain) : index;
  }

  /** Counts a row of a kind and gives its weight. */
  counted(index: number): number {
    this.#rows[index]++;
    return this.#weights[index];
  }

  /** Counts by kind in order of first appearance; null if there was no event. */
  counts(): EventCount[] | null {
    if (this.#names.length === 0) return null;
    return this.#names.map((kind, n) => ({ kind, rows: this.#rows[n], weight: this.#weights[n] }));
  }

  /** @throws {DataError} if a kind that the caller names is neither there nor a known word */
  assertFound(): void {
    if (this.#names.length === 0) return;
    const found = new Set(this.#names.map(plainKind));
    for (const option of ['events', 'eventWeights'] as const) {
      const given = this.#options[option] ?? [];
      const kinds = Array.isArray(given) ? given : Object.keys(given);
      const unknown = kinds.find((kind) => !found.has(plainKind(kind)) && !isEventWord(kind));
      if (unknown === undefined) continue;
      const problem = `expected events ${shown(unknown)}, found ${this.#names.map(shown).join(', ')}`;
      throw new DataError(option, problem, 'Name kinds that are there', option);
    }
  }

  #add(kind: string, plain: string): number {
    if (this.#names.length === MOST_KINDS) {
      const problem = `expected kinds of events, received more than ${MOST_KINDS}, such as ${shown(kind)}`;
      throw new DataError('events', problem, 'Name another column of events, or none', 'eventColumn');
    }
    const own = this.#given.get(plain) ?? WEIGHTS_OF_WORDS.get(plain) ?? UNKNOWN_WEIGHT;
    const isListed = this.#liked?.has(plain) ?? own > 0;
    this.#weights.push(isListed ? (own > 0 ? own : UNKNOWN_WEIGHT) : Math.min(own, 0));
    this.#rows.push(0);
    return this.#names.push(kind) - 1;
  }
}

function isKinds(value: unknown): boolean {
  const isKind = (kind: unknown) => typeof kind === 'string' && plainKind(kind) !== '';
  return Array.isArray(value) && value.length > 0 && value.every(isKind);
}

function areWeights(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((weight) => Number.isFinite(Math.fround(weight as number)));
}
