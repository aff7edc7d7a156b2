import { OptionError, shown } from '../errors.ts';

/** Where requests go, and how it is named without what is nobody's business. */
export interface Endpoint {
  /** With its query, without user name and password. */
  readonly url: URL;
  /** Origin and path, for errors, reports and cache keys. */
  readonly shown: string;
  /** From a user name and password in the address. */
  readonly basicAuthorization: string | null;
  /** What errors must not show: the password, values of the query. */
  readonly secrets: readonly string[];
}

/**
 * The endpoint of an address, up to, or with, the path of an operation. User name and password become a header.
 * @param operation e.g. `/embeddings`
 * @throws {OptionError} when it is none of http or https; the message does not hold a password
 */
export function parseEndpoint(address: string, operation: string): Endpoint {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw wrongAddress(address, operation);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrongAddress(address, operation);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith(operation) ? path : path + operation;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    url,
    shown: url.origin + url.pathname,
    basicAuthorization:
      username === '' && password === ''
        ? null
        : `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(credentials)))}`,
    secrets: [decodeURIComponent(password), ...url.searchParams.values()].filter(
      (value) => value.length >= 6,
    ),
  };
}

function wrongAddress(address: string, operation: string): OptionError {
  // An address that cannot be parsed may hold a password all the same.
  const harmless = address.replace(/\/\/[^/]*@/, '//[hidden]@').replace(/\?.*/s, '?…');
  return new OptionError(
    'url',
    `expected an address like https://host/v1, received ${shown(harmless)}`,
    operation === ''
      ? 'Pass the address up to /v1 or alike'
      : `Pass the address up to, without, ${operation}`,
    'url',
  );
}

/**
 * The key for an endpoint among environment variables: `LLMINIT_API_KEY`, else for OpenAI's own host `OPENAI_API_KEY`.
 * Nobody else gets that one.
 */
export function keyFor(
  address: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { LLMINIT_API_KEY: own, OPENAI_API_KEY: openAi } = environment;
  if (own) return own;
  const { url } = parseEndpoint(address, '');
  return url.protocol === 'https:' && url.host === 'api.openai.com' ? openAi || undefined : undefined;
}
