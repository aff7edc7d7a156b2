import { isLlminitError, type LlminitError } from '../../errors.ts';
import { type HttpAnswer, HttpProblem } from './message.ts';

/** What a caller can mend; every other error is the service's. */
const STATUS: Readonly<Record<string, number>> = { ERR_LLMINIT_OPTION: 400, ERR_LLMINIT_DATA: 422 };

function libraryProblem({ code, message, option }: LlminitError): HttpAnswer {
  const status = STATUS[code];
  const title = status === 400 ? 'Bad request' : 'Cannot be answered';
  return problemJson(status, title, {
    detail: message,
    code,
    ...(option !== undefined && { parameter: option }),
  });
}

function problemJson(
  status: number,
  title: string,
  more: object,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const body = JSON.stringify({ type: 'about:blank', title, status, ...more });
  return { status, headers: { 'content-type': 'application/problem+json', ...headers }, body };
}

/** An answer in JSON. */
export function json(
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/**
 * The answer to a request that failed, as `application/problem+json` (RFC 9457).
 * @param report receives what is the service's own fault
 */
export function problemOf(error: unknown, report: (error: unknown) => void): HttpAnswer {
  if (error instanceof HttpProblem) {
    return problemJson(error.status, error.title, { detail: error.message }, error.headers);
  }
  if (isLlminitError(error) && STATUS[error.code] !== undefined) return libraryProblem(error);
  report(error);
  return problemJson(500, 'Internal server error', {});
}
