import { boolean, integer, listOf, required, text } from '../../options/builders.ts';
import type { Descriptors, Resolved } from '../../options/descriptor.ts';
import type { Recommendation } from '../recommendation.ts';
import type { Recommender } from '../recommender.ts';
import { EVENTS, type InteractionEvent } from './events.ts';
import { HttpProblem } from './message.ts';

/** What a route works with. */
export interface RouteContext {
  readonly recommender: Recommender;
  /** Keeps events; null where the handler takes none. */
  readonly onEvents: ((events: readonly InteractionEvent[]) => Promise<void> | void) | null;
}

/** One operation of the interface: its parameters are declared once, for checks and for the OpenAPI document. */
export interface Route<D extends Descriptors = Descriptors> {
  readonly path: string;
  /** GET takes the parameters from the query, POST from a JSON body. */
  readonly methods: readonly ('GET' | 'POST')[];
  readonly operation: string;
  readonly summary: string;
  readonly parameters: D;
  /** JSON Schema of the answer. */
  readonly answer: Readonly<Record<string, unknown>>;
  handle(parameters: Resolved<D>, context: RouteContext): object | Promise<object>;
}

const id = text({ about: 'an id of the catalogue' });
const ids = (about: string) => listOf(id, { about, range: 'a list of ids' });
const K = integer({ about: 'how many items, at most', min: 1, max: 1000, default: 10 });
const FILTERS = {
  k: K,
  exclude: ids('items never to return'),
  only: ids('the only items that may be returned'),
};

const ITEMS = {
  type: 'object',
  required: ['recommendationId', 'model', 'items'],
  properties: {
    recommendationId: { type: 'string', description: 'names this answer in events that follow from it' },
    model: { type: 'string', description: 'digest of the model that answered' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'title', 'score'],
        properties: {
          id: { type: 'string' },
          title: { type: ['string', 'null'] },
          score: { type: 'number', description: 'only its order means something' },
        },
      },
    },
  },
};

function route<D extends Descriptors>(own: Route<D>): Route {
  return own as unknown as Route;
}

const answered = (items: readonly Recommendation[]) => ({ items });

/** Every operation that a recommender offers. */
export const ROUTES: readonly Route[] = [
  route({
    path: '/v1/recommendations',
    methods: ['GET', 'POST'],
    operation: 'recommend',
    summary: 'Items for a user of the model, or for anyone with a history',
    parameters: {
      user: text({ about: 'a user of the model' }),
      history: ids('items of anyone, instead of a user'),
      ...FILTERS,
      includeSeen: boolean({ about: 'allow items that the user has already', default: false }),
    },
    answer: ITEMS,
    handle({ user, history, ...options }, { recommender }) {
      if ((user === undefined) === (history === undefined)) {
        const received = user === undefined ? 'neither' : 'both';
        throw new HttpProblem(400, 'Bad request', `expected either user or history, received ${received}`);
      }
      return answered(
        user === undefined
          ? recommender.recommendFor(history!, options)
          : recommender.recommend(user, options),
      );
    },
  }),
  route({
    path: '/v1/similar',
    methods: ['GET', 'POST'],
    operation: 'similarItems',
    summary: 'The items closest to an item',
    parameters: { item: required(text({ about: 'an item of the model' })), ...FILTERS },
    answer: ITEMS,
    handle: ({ item, ...options }, { recommender }) => answered(recommender.similarItems(item, options)),
  }),
  route({
    path: '/v1/popular',
    methods: ['GET', 'POST'],
    operation: 'popularItems',
    summary: 'The items with the most interactions',
    parameters: FILTERS,
    answer: ITEMS,
    handle: (options, { recommender }) => answered(recommender.popularItems(options)),
  }),
  route({
    path: '/v1/events',
    methods: ['POST'],
    operation: 'addInteractions',
    summary: 'Keeps what people did; answered when it is safe',
    parameters: {
      events: required(EVENTS),
    },
    answer: { type: 'object', required: ['accepted'], properties: { accepted: { type: 'integer' } } },
    async handle({ events }, { onEvents }) {
      if (!onEvents) throw new HttpProblem(404, 'Not found', 'this service keeps no events');
      await onEvents(events);
      return { accepted: events.length };
    },
  }),
];
