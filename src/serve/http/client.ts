import { argument, checkArgument, RECORD, TEXT } from '../../options/arguments.ts';
import { callback, integer, text } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { optionsObject, resolveOptions } from '../../options/resolve.ts';
import { isAddress } from '../address.ts';
import type { TextOptions } from '../forText.ts';
import type { History } from '../history.ts';
import type { Recommendation, Recommendations } from '../recommendation.ts';
import type { RecommendOptions } from '../recommendOptions.ts';
import type { InteractionEvent } from './events.ts';

/**
 * How a client asks.
 *
 * @example
 * const options: ClientOptions = { token: 'secret', timeoutMs: 2000 };
 * const client = createClient('http://localhost:8080', options);
 */
export interface ClientOptions {
  /** Sent as `Authorization: Bearer <token>`. */
  readonly token?: string;
  /** Default: the `fetch` of the host. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Until an answer must be there. Default 10,000 ms. */
  readonly timeoutMs?: number;
}

/**
 * What `recommend` may be told from afar: sets of items are lists of ids.
 *
 * @example
 * const options: RemoteOptions = { k: 5, seen: 'had', exclude: ['i2'] };
 */
export type RemoteOptions = Omit<RecommendOptions, 'exclude' | 'only'> & {
  readonly exclude?: readonly string[];
  readonly only?: readonly string[];
};

/**
 * As `RemoteOptions`, where nobody has seen anything.
 *
 * @example
 * const options: RemoteItemOptions = { k: 5, exclude: ['i2'] };
 */
export type RemoteItemOptions = Omit<RemoteOptions, 'seen' | 'includeSeen' | 'fallback' | 'unknown'>;

/**
 * As `RemoteOptions`, with a history beside the text.
 *
 * @example
 * const options: RemoteTextOptions = { k: 5, textWeight: 0.8 };
 */
export type RemoteTextOptions = RemoteOptions & Omit<TextOptions, keyof RecommendOptions>;

/**
 * An answer with items, best first.
 *
 * @example
 * async function titles(client: Client) {
 *   const { items }: Answer = await client.recommend('u1', { k: 5 });
 *   return items.map(({ title }) => title);
 * }
 */
export interface Answer {
  /** Names this answer. */
  readonly recommendationId: string;
  /** Digest of the model that answered. */
  readonly model: string;
  readonly items: readonly Recommendation[];
  /** What the ranking goes by. */
  readonly basis: Recommendations['basis'];
  /** Whose order the first items have, where `rerank` was asked for, and why it is the model's own. */
  readonly rerank?: { readonly by: string; readonly reason: string | null };
  /** Items of the history that the model does not have; left out where there are none. */
  readonly unknownItems?: readonly string[];
  /** true where fewer than `k` came back, since no more are left; else left out. */
  readonly isShort?: true;
}

/**
 * What a service refused. `code` is that of the library's error where there was one, `ERR_LLMINIT_…`.
 *
 * @example
 * try {
 *   await createClient('http://localhost:8080').recommend('nobody');
 * } catch (error) {
 *   if (error instanceof ServiceError) console.log(error.status, error.message);
 * }
 */
export class ServiceError extends Error {
  readonly status: number;
  readonly code: string | null;
  /** The parameter at fault, where the service names one. */
  readonly parameter: string | null;

  constructor(status: number, message: string, code: string | null, parameter: string | null) {
    super(message);
    this.status = status;
    this.code = code;
    this.parameter = parameter;
  }

  override get name() {
    return 'ServiceError';
  }
}

/**
 * The operations of a service. All reject with a `ServiceError` for what it refuses.
 *
 * @example
 * const client: Client = createClient('http://localhost:8080');
 */
export interface Client {
  /** Items for a user of the model, or for anyone with a history of item ids; with `rerank`, see `HandlerOptions`. */
  recommend(who: string | History, options?: RemoteOptions & { readonly rerank?: boolean }): Promise<Answer>;
  /** The items closest to an item, or to several together. */
  similarItems(items: string | readonly string[], options?: RemoteItemOptions): Promise<Answer>;
  /** The items whose texts are closest to a query in words, and to a `history` where there is one. */
  search(query: string, options?: RemoteTextOptions): Promise<Answer>;
  /** The items with the most interactions. */
  popularItems(options?: RemoteItemOptions): Promise<Answer>;
  /** Some items by their scores for a person, best first. */
  rank(who: string | History, items: readonly string[]): Promise<Answer>;
  /** Sends what people did; resolves when the service has it on its disk. */
  addInteractions(events: readonly InteractionEvent[]): Promise<{ readonly accepted: number }>;
  /** The model that answers. */
  health(): Promise<{
    readonly status: string;
    readonly model: string;
    readonly users: number;
    readonly items: number;
  }>;
}

const OPTIONS = {
  token: text({ about: 'sent as Authorization: Bearer' }),
  fetch: callback<NonNullable<ClientOptions['fetch']>>('asks'),
  timeoutMs: integer({ about: 'until an answer must be there', min: 0, default: 10_000 }),
} satisfies DescriptorsOf<ClientOptions>;
const ADDRESS = argument<string>('the address of a service', (value) => TEXT.is(value) && isAddress(value));
const PERSON = argument<string | History>(
  'a user id or { history }',
  (value) => TEXT.is(value) || (RECORD.is(value) && 'history' in value),
);

/**
 * A client of a service that `createHandler` or `llminit serve` runs.
 * @param baseUrl where the service is, e.g. `https://example.com/api`
 * @throws {OptionError} for what is no address, and for options of another kind; from its operations for what is no person
 * @example
 * const client = createClient('http://localhost:8080', { token: 'secret' });
 * const { items } = await client.recommend('u1', { k: 5 });
 * await client.addInteractions([{ user: 'u1', item: items[0].id }]);
 */
export function createClient(baseUrl: string, options: ClientOptions = {}): Client {
  const given = resolveOptions(OPTIONS, options, 'createClient');
  const { token, timeoutMs, fetch: ask = (request: Request) => fetch(request) } = given;
  checkArgument(ADDRESS, baseUrl, 'baseUrl', 'createClient');
  const base = baseUrl.replace(/\/$/, '');
  async function call<T>(path: string, body?: object): Promise<T> {
    const headers: Record<string, string> = {};
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (body) headers['content-type'] = 'application/json';
    const request = new Request(`${base}${path}`, {
      method: body ? 'POST' : 'GET',
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const response = await ask(request);
    const text = await response.text();
    if (!response.ok) throw serviceError(response.status, text);
    return JSON.parse(text) as T;
  }
  return {
    recommend: async (who, own) => call('/v1/recommendations', { ...optionsOf(own), ...personOf(who) }),
    similarItems: async (items, own) => call('/v1/similar', { ...optionsOf(own), item: sent(items) }),
    search: async (query, own) => call('/v1/search', { ...optionsOf(own), query: sent(query) }),
    rank: async (who, items) => call('/v1/rank', { ...personOf(who), items: sent(items) }),
    popularItems: async (own) => call('/v1/popular', optionsOf(own)),
    addInteractions: async (events) => call('/v1/events', { events: sent(events) }),
    health: () => call('/health'),
  };
}

/** The service checks their names and values: it may be of another version. */
function optionsOf(own: object | undefined): object {
  return optionsObject(own, { where: 'client' });
}

/** A value as JSON can hold it: the service then says what is wrong with it. */
function sent<T>(value: T): T | null {
  return typeof value === 'symbol' || typeof value === 'bigint' ? (String(value) as T) : (value ?? null);
}

function personOf(who: string | History): object {
  checkArgument(PERSON, who, 'who', 'client');
  return typeof who === 'string' ? { user: who } : who;
}

function serviceError(status: number, text: string): ServiceError {
  let problem: Partial<Record<'detail' | 'title' | 'code' | 'parameter', string>> = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // A proxy's page.
  }
  const message = problem.detail ?? problem.title ?? `the service answered with status ${status}`;
  return new ServiceError(status, message, problem.code ?? null, problem.parameter ?? null);
}
