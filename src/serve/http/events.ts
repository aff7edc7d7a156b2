import { OptionError, shown } from '../../errors.ts';
import { number, text } from '../../options/builders.ts';
import type { OptionDescriptor } from '../../options/descriptor.ts';

/** Something a person did, as it arrives. */
export interface InteractionEvent {
  readonly user: string;
  readonly item: string;
  /** How much it says; default 1. */
  readonly weight?: number;
  /** Seconds since 1970; default: when it arrives. */
  readonly time?: number;
}

const FIELDS = {
  user: text({ about: 'who' }),
  item: text({ about: 'what' }),
  weight: number({ about: 'how much it says', above: 0 }),
  time: number({ about: 'seconds since 1970', min: 0 }),
};

const RANGE = 'a list of events { user, item, weight?, time? }';

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
    const problem = `expected ${name} to be { user, item, weight?, time? }, received ${received}`;
    throw new OptionError(where, problem, 'Mend the event', name);
  }
  const event = value as Record<string, unknown>;
  for (const [field, descriptor] of Object.entries(FIELDS)) {
    const optional = field === 'weight' || field === 'time';
    if (!(optional && event[field] === undefined)) descriptor.check(event[field], `${name}.${field}`, where);
  }
  return event as unknown as InteractionEvent;
}
