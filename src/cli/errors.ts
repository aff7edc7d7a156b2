import { type Command, CommanderError } from 'commander';
import { isLlminitError } from '../errors.ts';
import { flagOf } from './args/command.ts';

/** Work that Ctrl-C or SIGTERM stopped. */
export class Interrupted extends Error {
  readonly signal: 'SIGINT' | 'SIGTERM';

  /** @param state what is left of the work, and how to go on */
  constructor(signal: 'SIGINT' | 'SIGTERM', state = 'nothing was written') {
    super(`interrupted: ${state}`);
    this.signal = signal;
  }

  /** As a shell reports a process that the signal ended. */
  get exitCode(): number {
    return this.signal === 'SIGINT' ? 130 : 143;
  }
}

/** What the process ends with. */
export interface Failure {
  readonly exitCode: number;
  /** For stderr; null when there is nothing to say. */
  readonly message: string | null;
}

/**
 * 2 for bad usage, 1 for input that cannot be used, 70 for a fault of this program.
 * @param command the command that failed, whose flag is named behind an error about an option
 */
export function describeFailure(error: unknown, command?: Command): Failure {
  if (error instanceof CommanderError) {
    // Help that was asked for exits 0; a command line without a command gets the help and is bad usage.
    if (error.exitCode === 0) return { exitCode: 0, message: null };
    if (error.code === 'commander.help') return { exitCode: 2, message: null };
    const problem = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    return {
      exitCode: 2,
      message: `llminit: ${problem}${/[.?)]$/.test(problem) ? '' : '.'} See llminit --help`,
    };
  }
  if (error instanceof Interrupted) return { exitCode: error.exitCode, message: `llminit: ${error.message}` };
  // Of whichever build of this command line: queries are one of their own.
  if (isLlminitError(error)) {
    const flag = flagOf(command, error.option);
    const message = `${error.message}${flag === undefined ? '' : ` (${flag})`}`.replace(/\s*\n\s*/g, ' ');
    return { exitCode: isLlminitError(error, 'ERR_LLMINIT_OPTION') ? 2 : 1, message: `llminit: ${message}` };
  }
  const stack = error instanceof Error ? error.stack : String(error);
  return { exitCode: 70, message: `llminit: internal error, please report it\n${stack}` };
}
