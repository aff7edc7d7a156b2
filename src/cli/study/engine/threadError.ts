import {
  BudgetError,
  DataError,
  type ErrorCode,
  FormatError,
  isLlminitError,
  type LlminitError,
  OptionError,
  ShapeError,
  UnsupportedError,
} from '../../../index.ts';

/** An error on its way between threads. */
export interface ThreadError {
  /** null for what is no error of this package. */
  readonly code: ErrorCode | null;
  /** Of an error of this package; of another one, its stack. */
  readonly message: string;
  readonly remedy: string;
  readonly option: string | undefined;
}

const CLASSES = {
  ...{ ERR_LLMINIT_OPTION: OptionError, ERR_LLMINIT_SHAPE: ShapeError, ERR_LLMINIT_FORMAT: FormatError },
  ...{ ERR_LLMINIT_DATA: DataError, ERR_LLMINIT_UNSUPPORTED: UnsupportedError },
  ERR_LLMINIT_BUDGET: BudgetError,
} as const satisfies Record<
  ErrorCode,
  new (
    ...args: ConstructorParameters<typeof OptionError>
  ) => LlminitError
>;

/** An error as a message. */
export function sent(error: unknown): ThreadError {
  if (isLlminitError(error)) {
    const { code, message, remedy, option } = error;
    return { code, message, remedy, option };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: null, message, remedy: '', option: undefined };
}

/** The error that was sent: of its own class, and with its words. */
export function thrown({ code, message, remedy, option }: ThreadError): Error {
  if (code === null) return new Error(message);
  const error = new CLASSES[code]('', '', remedy, option);
  error.message = message;
  return error;
}
