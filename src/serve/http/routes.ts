import { OptionError, shown } from '../../errors.ts';
import { boolean, integer, listOf, number, required, text } from '../../options/builders.ts';
import type { Descriptors, OptionDescriptor, Resolved } from '../../options/descriptor.ts';
import { TEXT_WEIGHT } from '../forText.ts';
import type { History } from '../history.ts';
import type { ModelChange } from '../modelChanges.ts';
import type { Recommendations } from '../recommendation.ts';
import type { Recommender } from '../recommender.ts';
import { RECOMMEND_OPTIONS } from '../recommendOptions.ts';
import { ITEMS } from './answerSchema.ts';
import { EVENTS, type Journal, replay } from './events.ts';
import type { Reranking } from './handlerOptions.ts';
import { HttpProblem } from './message.ts';

/** What a route works with. */
export interface RouteContext {
  readonly recommender: Recommender;
  /** Keeps what comes; null where the service takes nothing. */
  readonly journal: Journal | null;
  /** Re-ranks for those who ask for it; null where nothing does. */
  readonly rerank: Reranking | null;
  /** Whether callers have shown a token: only then may they change the model. */
  readonly mayChange: boolean;
}

/** One operation of the interface: its parameters are declared once, for checks and for the OpenAPI document. */
export interface Route<D extends Descriptors = Descriptors> {
  readonly path: string;
  /** GET takes the parameters from the query, POST from a JSON body. */
  readonly methods: readonly ('GET' | 'POST')[];
  readonly operation: string;
  readonly summary: string;
  readonly parameters: D;
  /** Whether it changes what is answered; only services with a journal offer it. */
  readonly changes?: boolean;
  /** JSON Schema of the answer. */
  readonly answer: Readonly<Record<string, unknown>>;
  handle(parameters: Resolved<D>, context: RouteContext): object | Promise<object>;
}

const id = text({ about: 'an id of the catalogue' });
const ids = (about: string) => listOf(id, { about, range: 'a list of ids' });
const numbers = (about: string) =>
  listOf(number({ about: 'a number' }), { about, range: 'a list of numbers' });

/** A page asks for a screenful; who wants everything reads the model file. */
const K = integer({ about: 'how many items, at most', min: 1, max: 1000, default: 10 });
const PERSON_OPTIONS = { ...RECOMMEND_OPTIONS, k: K };
const { seen: _, includeSeen: __, fallback: ___, unknown: ____, ...ITEM_OPTIONS } = PERSON_OPTIONS;

const RERANK = boolean({ about: 'whether a chat model re-ranks the first', default: false });

const SEVERAL = ids('an item of the model, or several');
/** One id stands for a list of it. */
const ONE_OR_MORE: typeof SEVERAL = {
  ...SEVERAL,
  schema: { anyOf: [id.schema!, SEVERAL.schema!] },
  check: (value, name, where) => SEVERAL.check(typeof value === 'string' ? [value] : value, name, where),
};

const HISTORY = {
  history: ids('items of anyone, instead of a user'),
  weights: numbers('how much each item of the history counts, negative for what is disliked'),
  times: numbers('when each item of the history was, in any unit'),
  halfLife: number({ about: 'what is so much older than the newest counts half', above: 0 }),
};

/** Somebody by an id, or by a history. */
const PERSON = { user: text({ about: 'a user of the model' }), ...HISTORY };

function route<D extends Descriptors>(own: Route<D>): Route {
  return own as unknown as Route;
}

const answered = (items: Recommendations) => ({
  items,
  basis: items.basis,
  ...(items.unknownItems.length > 0 && { unknownItems: items.unknownItems }),
  ...(items.isShort && { isShort: true }),
});

interface PersonParameters {
  readonly user?: string;
  readonly history?: readonly string[];
  readonly weights?: readonly number[];
  readonly times?: readonly number[];
  readonly halfLife?: number;
}

function personOf({ user, history, weights, times, halfLife }: PersonParameters): string | History {
  if ((user === undefined) === (history === undefined)) {
    const received = user === undefined ? 'neither' : 'both';
    throw new HttpProblem(400, 'Bad request', `expected either user or history, received ${received}`);
  }
  if (history !== undefined) return { history, weights, times, halfLife };
  for (const [name, value] of Object.entries({ weights, times, halfLife })) {
    if (value === undefined) continue;
    throw new HttpProblem(400, 'Bad request', `expected history beside ${name}, received user`);
  }
  return user!;
}

const CHANGE: OptionDescriptor<ModelChange, undefined> = {
  type: 'object',
  range: '{ op, … }',
  about:
    'see ModelChange: op is addItems, updateItems, removeItems, hideItems, addInteractions or removeUser',
  default: undefined,
  schema: { type: 'object', required: ['op'], properties: { op: { type: 'string' } } },
  check(value, name, where) {
    if (Object.prototype.toString.call(value) === '[object Object]') return value as ModelChange;
    throw new OptionError(
      where,
      `expected ${name} to be { op, … }, received ${shown(value)}`,
      'Send one',
      name,
    );
  },
  parse: () => undefined,
};

/** Every operation that a recommender offers. */
export const ROUTES: readonly Route[] = [
  route({
    path: '/v1/recommendations',
    methods: ['GET', 'POST'],
    operation: 'recommend',
    summary: 'Items for a user of the model, or for anyone with a history',
    parameters: { ...PERSON, ...PERSON_OPTIONS, rerank: RERANK },
    answer: ITEMS,
    async handle({ user, history, weights, times, halfLife, rerank: wanted, ...options }, context) {
      const { recommender, rerank } = context;
      const person = personOf({ user, history, weights, times, halfLife });
      if (!wanted) return answered(recommender.recommend(person, options));
      if (!rerank) throw new HttpProblem(400, 'Bad request', 'this service re-ranks nothing');
      const items = await rerank(recommender, person, options);
      const { by, reason } = items.rerank;
      return { ...answered(items), rerank: { by, reason } };
    },
  }),
  route({
    path: '/v1/rank',
    methods: ['GET', 'POST'],
    operation: 'rank',
    summary: 'Some items by their scores for a person, best first',
    parameters: { ...PERSON, items: required(ids('the items to rank')) },
    answer: ITEMS,
    handle: ({ items, ...person }, { recommender }) => answered(recommender.rank(personOf(person), items)),
  }),
  route({
    path: '/v1/similar',
    methods: ['GET', 'POST'],
    operation: 'similarItems',
    summary: 'The items closest to one or several items',
    parameters: { item: required(ONE_OR_MORE), ...ITEM_OPTIONS },
    answer: ITEMS,
    handle: ({ item, ...options }, { recommender }) => answered(recommender.similarItems(item, options)),
  }),
  route({
    path: '/v1/search',
    methods: ['GET', 'POST'],
    operation: 'recommendForText',
    summary: 'The items whose texts are closest to a query, and to a history where there is one',
    parameters: {
      query: required(text({ about: 'what is looked for, in words' })),
      ...HISTORY,
      textWeight: TEXT_WEIGHT,
      ...PERSON_OPTIONS,
    },
    answer: ITEMS,
    handle: ({ query, ...options }, { recommender }) =>
      answered(recommender.recommendForText(query, options)),
  }),
  route({
    path: '/v1/popular',
    methods: ['GET', 'POST'],
    operation: 'popularItems',
    summary: 'The items with the most interactions',
    parameters: ITEM_OPTIONS,
    answer: ITEMS,
    handle: (options, { recommender }) => answered(recommender.popularItems(options)),
  }),
  route({
    path: '/v1/events',
    changes: true,
    methods: ['POST'],
    operation: 'addInteractions',
    summary: 'Keeps what people did; answered when it is safe',
    parameters: {
      events: required(EVENTS),
    },
    answer: {
      type: 'object',
      required: ['accepted'],
      properties: {
        accepted: { type: 'integer' },
        unknownItems: { type: 'array', items: { type: 'string' }, description: 'kept for the next training' },
      },
    },
    async handle({ events }, { recommender, journal }) {
      if (!journal) throw new HttpProblem(404, 'Not found', 'this service keeps no events');
      // In one turn, so that records stand in the order in which they were applied.
      const { unknownItems } = replay(recommender, events);
      await journal.append(events);
      return { accepted: events.length, ...(unknownItems.length > 0 && { unknownItems }) };
    },
  }),
  route({
    path: '/v1/changes',
    changes: true,
    methods: ['POST'],
    operation: 'apply',
    summary: 'Changes the model: adds, updates, hides and removes items, forgets a person',
    parameters: { change: required(CHANGE) },
    answer: { type: 'object', required: ['applied'], properties: { applied: { type: 'string' } } },
    async handle({ change }, { recommender, journal, mayChange }) {
      if (!journal || !mayChange)
        throw new HttpProblem(403, 'Forbidden', 'changes need a service with a journal and a bearer token');
      recommender.apply(change);
      if (change.op === 'removeUser') await journal.erase?.(change.user);
      await journal.append([change]);
      return { applied: change.op };
    },
  }),
];
