import { HttpProblem, type HttpRequest } from './message.ts';

/** @throws {HttpProblem} 401 unless the request has the bearer token; without a token everyone may ask */
export function authorize(request: HttpRequest, token: string | undefined): void {
  if (token === undefined) return;
  const given = /^Bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1] ?? '';
  if (sameText(given, token)) return;
  throw new HttpProblem(401, 'Unauthorized', 'expected the bearer token of this service', {
    'www-authenticate': 'Bearer',
  });
}

/** Compares without telling by its duration how much is right. */
function sameText(given: string, wanted: string): boolean {
  let differs = given.length ^ wanted.length;
  for (let at = 0; at < wanted.length; at++) differs |= (given.charCodeAt(at) || 0) ^ wanted.charCodeAt(at);
  return differs === 0;
}

/** Headers that let pages of other origins read an answer. */
export function corsHeaders(
  request: HttpRequest,
  cors: '*' | readonly string[] | undefined,
): Record<string, string> {
  const origin = request.header('origin');
  if (cors === undefined || origin === null) return {};
  if (cors !== '*' && !cors.includes(origin)) return { vary: 'origin' };
  const headers: Record<string, string> = {
    'access-control-allow-origin': cors === '*' ? '*' : origin,
    ...(cors !== '*' && { vary: 'origin' }),
  };
  if (request.method !== 'OPTIONS') return headers;
  return {
    ...headers,
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': '86400',
  };
}
