import { OptionError, shown } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';
import type { Connection } from './request.ts';
import { headerKey, redactor } from './secrets.ts';

/** Names of headers whose values are no secrets. */
const OPEN_HEADERS = /^(content-type|accept|user-agent)$/i;

/** What a connection is made of besides its endpoint. */
interface Given {
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/**
 * The headers of an endpoint's requests, and what hides their secrets.
 * @param where stands first in errors
 * @throws {OptionError} for a key or a header that HTTP does not take
 */
export function connectionOf(
  endpoint: Endpoint,
  { apiKey, headers = {}, timeoutMs, maxAnswerBytes }: Given,
  where: string,
): Connection {
  const key = apiKey === undefined ? null : headerKey(apiKey);
  const authorization = key === null ? endpoint.basicAuthorization : `Bearer ${key}`;
  const named = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    headerValue(name, value, where),
  ]);
  const hidden = named.flatMap(([name, value]) => (OPEN_HEADERS.test(name) ? [] : [value]));
  return {
    ...{ endpoint, timeoutMs, maxAnswerBytes },
    headers: { ...(authorization !== null && { authorization }), ...Object.fromEntries(named) },
    redact: redactor([...(key === null ? [] : [key]), ...hidden, ...endpoint.secrets]),
  };
}

function headerValue(name: string, value: unknown, where: string): string {
  if (typeof value === 'string' && /^[\t\x20-\x7e]*$/.test(value)) return value.trim();
  const problem = `expected header ${shown(name)} to be a text of ASCII characters, received another value`;
  throw new OptionError(where, problem, 'Change headers', 'headers');
}
