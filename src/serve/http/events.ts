import { isLlminitError, OptionError, shown } from '../../errors.ts';
import {
  argument,
  arrayOf,
  checkArgument,
  FUNCTION,
  having,
  ITERABLE,
  RECORD,
  TEXT,
  TEXTS,
} from '../../options/arguments.ts';
import { boolean, number, text } from '../../options/builders.ts';
import type { OptionDescriptor } from '../../options/descriptor.ts';
import type { ModelChange } from '../modelChanges.ts';
import type { Recommender } from '../recommender.ts';

/**
 * Something a person did, as it arrives.
 *
 * @example
 * const event: InteractionEvent = { user: 'u1', item: 'i3', weight: 2, time: 1.7e9 };
 */
export interface InteractionEvent {
  readonly user: string;
  readonly item: string;
  /** Whether the person likes the item; default true. */
  readonly liked?: boolean;
  /** How much it says, for the next training; default 1. */
  readonly weight?: number;
  /** Seconds since 1970; default: when it arrives. */
  readonly time?: number;
}

const FIELDS = {
  user: text({ about: 'who' }),
  item: text({ about: 'what' }),
  liked: boolean({ about: 'whether the person likes the item' }),
  weight: number({ about: 'how much it says', above: 0 }),
  time: number({ about: 'seconds since 1970', min: 0 }),
};

const RANGE = 'a list of events { user, item, liked?, weight?, time? }';

/** The parameter `events`: each is checked, and an error names its place. */
export const EVENTS: OptionDescriptor<readonly InteractionEvent[], undefined> = {
  type: 'list',
  range: RANGE,
  about: 'what people did',
  default: undefined,
  schema: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      required: ['user', 'item'],
      properties: Object.fromEntries(Object.entries(FIELDS).map(([name, { schema = {} }]) => [name, schema])),
      additionalProperties: false,
    },
  },
  check(value, name, where) {
    if (!Array.isArray(value) || value.length === 0)
      throw new OptionError(
        where,
        `expected ${name} to be ${RANGE}, received ${shown(value)}`,
        'Send at least one',
        name,
      );
    return value.map((event, n) => checkedEvent(event, `${name}[${n}]`, where));
  },
  parse: () => undefined,
};

function checkedEvent(value: unknown, name: string, where: string): InteractionEvent {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const unknown = isRecord ? Object.keys(value).find((key) => !Object.hasOwn(FIELDS, key)) : undefined;
  if (!isRecord || unknown !== undefined) {
    const received = isRecord ? `one with ${unknown}` : shown(value);
    const problem = `expected ${name} to be { user, item, liked?, weight?, time? }, received ${received}`;
    throw new OptionError(where, problem, 'Mend the event', name);
  }
  const event = value as Record<string, unknown>;
  for (const [field, descriptor] of Object.entries(FIELDS)) {
    const optional = field !== 'user' && field !== 'item';
    if (!(optional && event[field] === undefined)) descriptor.check(event[field], `${name}.${field}`, where);
  }
  return event as unknown as InteractionEvent;
}

/**
 * What a service keeps: events as they came, and changes of the model.
 *
 * @example
 * const records: JournalRecord[] = [{ user: 'u1', item: 'i3' }, { op: 'removeUser', user: 'u1' }];
 */
export type JournalRecord = InteractionEvent | ModelChange;

/**
 * Keeps records before they are acknowledged: `FileJournal`, a Durable Object, a table of a database.
 *
 * @example
 * const kept: JournalRecord[] = [];
 * const journal: Journal = { append: async (records) => void kept.push(...records) };
 * const handler = createHandler(recommender, { journal });
 */
export interface Journal {
  /** Resolves when the records are safe. */
  append(records: readonly JournalRecord[]): Promise<void>;
  /** Takes out what names a person, before the record that forgets him or her is added. */
  erase?(user: string): Promise<void>;
}

const RECORDS = arrayOf('a list of objects', RECORD);
/** What the list of a change holds, by its `op`. */
const LISTS: Readonly<Record<ModelChange['op'], Parameters<typeof having>[1]>> = {
  addItems: { items: RECORDS },
  updateItems: { items: RECORDS },
  removeItems: { ids: TEXTS },
  hideItems: { ids: TEXTS },
  addInteractions: { rows: RECORDS },
  removeUser: { user: TEXT },
};
const JOURNALED = argument<JournalRecord>('an event { user, item } or a change { op, … }', (value) => {
  if (!RECORD.is(value)) return false;
  const { op, user, item } = value;
  if (op === undefined) return typeof user === 'string' && typeof item === 'string';
  return (
    typeof op === 'string' && Object.hasOwn(LISTS, op) && having('', LISTS[op as ModelChange['op']]).is(value)
  );
});
const RECOMMENDER = having<Recommender>('a recommender', { apply: FUNCTION, hasItem: FUNCTION });

/**
 * A record without what names a person; null where nothing is left of it. @throws {OptionError} for what is no record
 *
 * @example
 * withoutUser({ user: 'u1', item: 'i3' }, 'u1'); // → null
 */
export function withoutUser(record: JournalRecord, user: string): JournalRecord | null {
  checkArgument(JOURNALED, record, 'record', 'withoutUser');
  checkArgument(TEXT, user, 'user', 'withoutUser');
  if (!('op' in record)) return record.user === user ? null : record;
  if (record.op === 'removeUser') return record.user === user ? null : record;
  if (record.op !== 'addInteractions') return record;
  const rows = record.rows.filter((row) => row.user !== user);
  return rows.length > 0 ? { ...record, rows } : null;
}

/**
 * What a replay left out.
 *
 * @example
 * const recommender = await Recommender.open(modelBytes);
 * const { unknownItems, refused }: Replayed = replay(recommender, [{ user: 'u1', item: 'i3' }]);
 */
export interface Replayed {
  /** Items of events that the model does not have: kept for the next training. */
  readonly unknownItems: readonly string[];
  /** Changes that the model refused: a vector of another width, say. Also what is no record. */
  readonly refused: readonly Error[];
}

/**
 * Makes a model what it was when the records came, in their order. The model may be a newer one: events about items that it
 * does not have change nothing, and changes leave out items that it has already, or no more. The same records and file give
 * the same bytes of `encode`.
 *
 * @example
 * const recommender = await Recommender.open(modelBytes);
 * const { unknownItems } = replay(recommender, [{ user: 'u1', item: 'i3' }, { user: 'u1', item: 'gone' }]);
 * unknownItems; // → ['gone']
 */
export function replay(recommender: Recommender, records: Iterable<JournalRecord>): Replayed {
  checkArgument(RECOMMENDER, recommender, 'recommender', 'replay');
  checkArgument(ITERABLE, records, 'records', 'replay');
  const unknown = new Set<string>();
  const refused: Error[] = [];
  for (const record of records) {
    try {
      checkArgument(JOURNALED, record, 'a record', 'replay');
      const change = 'op' in record ? stillToDo(recommender, record) : changeOf(recommender, record);
      if (change === null) {
        if (!('op' in record)) unknown.add(record.item);
        continue;
      }
      recommender.apply(change);
    } catch (error) {
      if (!isLlminitError(error)) throw error;
      refused.push(error);
    }
  }
  return { unknownItems: [...unknown], refused };
}

function changeOf(recommender: Recommender, { user, item, liked }: InteractionEvent): ModelChange | null {
  if (!recommender.hasItem(item)) return null;
  return { op: 'addInteractions', rows: [liked === undefined ? { user, item } : { user, item, liked }] };
}

/** What of a change is left to do for a model that may have it already; null for nothing. */
function stillToDo(recommender: Recommender, change: ModelChange): ModelChange | null {
  const has = (id: string) => recommender.hasItem(id);
  switch (change.op) {
    case 'addItems': {
      const items = change.items.filter(({ id }) => !has(id));
      return items.length > 0 ? { ...change, items } : null;
    }
    case 'updateItems': {
      const items = change.items.filter(({ id }) => has(id));
      return items.length > 0 ? { ...change, items } : null;
    }
    case 'addInteractions': {
      const rows = change.rows.filter(({ item }) => has(item));
      return rows.length > 0 ? { ...change, rows } : null;
    }
    case 'removeUser':
      return recommender.has(change.user) ? change : null;
    default: {
      const ids = change.ids.filter(has);
      return ids.length > 0 ? { ...change, ids } : null;
    }
  }
}
