import { Command, CommanderError } from 'commander';
import { guardInputs } from './args/pathOptions.ts';
import { describeFailure } from './errors.ts';
import { FIRST_STEPS } from './firstSteps.ts';
import { tolerateClosedPipes } from './output.ts';
import { printable } from './printable.ts';
import { VERSION } from './version.ts';

const HELP = `
Examples:
  $ llminit train --interactions ratings.csv --items products.csv --out model.safetensors
  $ llminit evaluate --interactions ratings.csv --items products.csv --seeds 0,1,2
  $ llminit recommend model.safetensors --user u42

Results go to stdout, progress to stderr. Exit codes: 0 done, 1 input that cannot be used, 2 bad usage, 130 Ctrl-C.
`;

/** Runs a command line; false when it failed, after it has said why and set the exit code. */
export type Run = (argv: readonly string[]) => Promise<boolean>;

/** Commands by name in the order of the help, each of which is loaded when it is needed. */
export type Commands = Readonly<Record<string, (run: Run) => Promise<(program: Command) => void>>>;

/** How options come from a file, and are kept; for commands with the options of `addConfigOptions`. */
export interface Configuration {
  /** Lets a command keep its options. @param command before it is parsed */
  remember(command: Command): void;
  /** The command line with what its configuration says. @param command parsed without its action */
  expand(argv: readonly string[], command: Command): Promise<readonly string[]>;
}

/** Runs a command line without the names of Node and of the program, and sets the exit code. */
export async function runMain(
  argv: readonly string[],
  commands: Commands,
  configuration: Configuration | null = null,
): Promise<void> {
  tolerateClosedPipes();
  if (argv.length === 0) {
    process.stderr.write(FIRST_STEPS);
    process.exitCode = 2;
  } else await runOf(commands, configuration)(argv);
}

function runOf(commands: Commands, configuration: Configuration | null): Run {
  const run: Run = async (argv) => {
    let command: Command | undefined;
    try {
      const create = () => createProgram(argv[0], commands, run);
      const program = await create();
      command = program.commands.find((known) => known.name() === argv[0]);
      if (command) configuration?.remember(command);
      const isConfigured = configuration && argv.some((word) => /^--config(=|$)/.test(word));
      const line = isConfigured ? await configured(argv, await create(), configuration) : argv;
      await program
        .parseAsync(line, { from: 'user' })
        .catch(async (error) => reportUnknownOption(await create(), line, error));
      return true;
    } catch (error) {
      const { exitCode, message } = describeFailure(error, command);
      if (message !== null) process.stderr.write(`${printable(message)}\n`);
      process.exitCode = exitCode;
      return exitCode === 0;
    }
  };
  return run;
}

/**
 * A misspelled option often is the very one that is missing, and commander looks for missing ones first: the command
 * line is read once more with none required and nothing done.
 */
async function reportUnknownOption(
  program: Command,
  argv: readonly string[],
  error: unknown,
): Promise<never> {
  if (error instanceof CommanderError && error.code === 'commander.missingMandatoryOptionValue')
    await parseLoosely(program, argv);
  throw error;
}

/** Reads a command line of which nothing is required, and does nothing. @throws {CommanderError} for unknown options */
async function parseLoosely(program: Command, argv: readonly string[]): Promise<Command | undefined> {
  const command = program.commands.find((known) => known.name() === argv[0]);
  for (const option of command?.options ?? []) option.makeOptionMandatory(false);
  for (const argument of command?.registeredArguments ?? []) argument.argOptional();
  command?.action(() => {});
  await program.parseAsync(argv, { from: 'user' });
  return command;
}

/** The command line with what its `--config` says; `program` is used up. */
async function configured(
  argv: readonly string[],
  program: Command,
  configuration: Configuration,
): Promise<readonly string[]> {
  const command = await parseLoosely(program, argv);
  return command === undefined ? argv : configuration.expand(argv, command);
}

/** The command line with the command asked for, or with all of them: for the help, and to suggest one that exists. */
async function createProgram(asked: string | undefined, commands: Commands, run: Run): Promise<Command> {
  const program = new Command('llminit')
    .description('Graph recommenders that start from language-model embeddings')
    .version(VERSION, '--version')
    .exitOverride()
    // Failures are told in one place, by main.
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .addHelpText('after', HELP);
  const names = asked !== undefined && Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands);
  for (const name of names) (await commands[name](run))(program);
  for (const command of program.commands) guardInputs(command);
  return program;
}
