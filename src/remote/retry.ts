/** Answers after which the same request may succeed later. */
const PASSING = new Set([408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529]);
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** Whether an answer with this status may be another one later. An account without credit stays without. */
export function isPassing(status: number, message: string): boolean {
  return PASSING.has(status) && !/insufficient_quota/i.test(message);
}

/**
 * Milliseconds that an answer asks to wait; null if it asks nothing. `Retry-After` is a number of seconds or a date
 * (RFC 9110, 10.2.3); `retry-after-ms` is OpenAI's.
 */
export function askedWait(headers: Headers, now: number): number | null {
  const milliseconds = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const text = headers.get('retry-after')?.trim();
  if (!text) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return 1000 * Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Milliseconds before attempt `attempt`, the first being 0: doubled each time, with up to a quarter more by chance. */
export function backoff(attempt: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (1 + Math.random() / 4);
}

/** Resolves after so many milliseconds. @throws the signal's reason as soon as it fires */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
