import type { Descriptors, OptionDescriptor } from '../../options/descriptor.ts';
import { malformed } from './message.ts';

/** Path and query of a URL, or of a part of one. */
export function splitUrl(url: string): { path: string; query: string } {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('//') + 2);
  const end = url.indexOf('#') < 0 ? url.length : url.indexOf('#');
  const mark = url.indexOf('?');
  const local = start < 0 ? '/' : url.slice(start, mark < 0 ? end : Math.min(mark, end));
  return { path: local, query: mark < 0 ? '' : url.slice(mark + 1, end) };
}

/**
 * Parameters of a query. A list is one parameter with commas, a JSON list, or the parameter several times, then each is
 * taken whole.
 */
export function fromQuery(descriptors: Descriptors, query: string): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  const parameters = new URLSearchParams(query);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    const descriptor = Object.hasOwn(descriptors, name) ? descriptors[name] : undefined;
    if (!descriptor) {
      // Refused by name where the options are resolved.
      given[name] = values[0];
      continue;
    }
    if (values.length > 1 && descriptor.type !== 'list')
      throw malformed(`expected ${name} once, received it ${values.length} times`);
    const value = values.length > 1 ? values : meaningOf(descriptor, values[0]);
    if (value === undefined) {
      throw malformed(
        `expected ${name} to be ${descriptor.range}, received ${JSON.stringify(values[0].slice(0, 80))}`,
      );
    }
    given[name] = value;
  }
  return given;
}

function meaningOf(descriptor: OptionDescriptor, text: string): unknown {
  if (descriptor.type === 'list' && text.startsWith('[')) {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }
  return descriptor.parse(text);
}
