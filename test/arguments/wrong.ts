/** What a program without types may pass by mistake, by what an error of a test calls it. */
export const WRONG: Readonly<Record<string, unknown>> = {
  null: null,
  7: 7,
  '-1': -1,
  NaN: Number.NaN,
  x: 'x',
  true: true,
  symbol: Symbol('s'),
  '{}': {},
  bare: Object.create(null),
  '[]': [],
  '[1]': [1],
  '[null]': [null],
  map: new Map(),
  function: () => undefined,
};

/** A call of something public with right arguments. */
export interface Call {
  readonly call: (...args: never[]) => unknown;
  /** Right arguments, anew for each call. */
  readonly args: () => readonly unknown[] | Promise<readonly unknown[]>;
  /**
   * By place, the wrong values that have a right answer there after all, separated by spaces; `none` is an argument
   * that is left out.
   */
  readonly takes?: Readonly<Record<number, string>>;
}

/** How a call ended. */
export type Outcome = 'answer' | 'typed error' | 'hang' | string;

/** Ends a call that does not end by itself, in ms. */
const PATIENCE = 20_000;

/** Calls, waits for a promise, and reads what can be iterated to its end. */
export async function outcomeOf(
  call: (...args: never[]) => unknown,
  args: readonly unknown[],
): Promise<Outcome> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve('hang'), PATIENCE);
  });
  try {
    return await Promise.race([patience, ended(call, args)]);
  } finally {
    clearTimeout(timer);
  }
}

async function ended(call: (...args: never[]) => unknown, args: readonly unknown[]): Promise<Outcome> {
  try {
    const answer = await call(...(args as never[]));
    if (isAsyncIterator(answer)) for await (const _ of answer);
    return 'answer';
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown };
    if (typeof code === 'string' && code.startsWith('ERR_LLMINIT_') && (error as Error).message) {
      return 'typed error';
    }
    return String(
      error instanceof Error ? (error.stack ?? error).toString().split('\n').slice(0, 3).join(' ') : error,
    );
  }
}

function isAsyncIterator(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
