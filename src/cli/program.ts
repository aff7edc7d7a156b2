import { Command, CommanderError } from 'commander';
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

type AddCommand = (program: Command) => void;

/** The commands in the order of the help, each in a file that is loaded when it is needed. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  train: async () => (await import('./commands/train.ts')).addTrain,
  evaluate: async () => (await import('./commands/evaluate.ts')).addEvaluate,
  recommend: async () => (await import('./commands/recommend.ts')).addRecommend,
  similar: async () => (await import('./commands/recommend.ts')).addSimilar,
  serve: async () => (await import('./commands/serve.ts')).addServe,
  inspect: async () => (await import('./commands/inspect.ts')).addInspect,
  check: async () => (await import('./commands/check.ts')).addCheck,
  export: async () => (await import('./commands/export.ts')).addExport,
  embed: async () => (await import('./commands/embed.ts')).addEmbed,
  'compare-encoders': async () => (await import('./commands/compareEncoders.ts')).addCompareEncoders,
  reproduce: async () => (await import('./commands/reproduce.ts')).addReproduce,
  demo: async () => {
    const { addDemo } = await import('./commands/demo.ts');
    return (program) => addDemo(program, run);
  },
  new: async () => (await import('./commands/new.ts')).addNew,
  dataset: async () => (await import('./commands/dataset.ts')).addDataset,
};

/** Runs a command line without the names of Node and of the program, and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  tolerateClosedPipes();
  if (argv.length === 0) {
    process.stderr.write(FIRST_STEPS);
    process.exitCode = 2;
  } else await run(argv);
}

/** @returns false when it failed, after it has said why and set the exit code */
async function run(argv: readonly string[]): Promise<boolean> {
  let program: Command | undefined;
  try {
    const created = await createProgram(argv[0]);
    program = created;
    await created
      .parseAsync(argv, { from: 'user' })
      .catch((error) => reportUnknownOption(created, argv, error));
    return true;
  } catch (error) {
    const command = program?.commands.find((known) => known.name() === argv[0]);
    const { exitCode, message } = describeFailure(error, command);
    if (message !== null) process.stderr.write(`${printable(message)}\n`);
    process.exitCode = exitCode;
    return exitCode === 0;
  }
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
  if (error instanceof CommanderError && error.code === 'commander.missingMandatoryOptionValue') {
    const command = program.commands.find((known) => known.name() === argv[0]);
    for (const option of command?.options ?? []) option.makeOptionMandatory(false);
    command?.action(() => {});
    await program.parseAsync(argv, { from: 'user' });
  }
  throw error;
}

/** The command line with the command asked for, or with all of them: for the help, and to suggest one that exists. */
async function createProgram(asked: string | undefined): Promise<Command> {
  const program = new Command('llminit')
    .description('Graph recommenders that start from language-model embeddings')
    .version(VERSION, '--version')
    .exitOverride()
    // Failures are told in one place, by main.
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .addHelpText('after', HELP);
  const names = asked !== undefined && Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS);
  for (const name of names) (await COMMANDS[name]())(program);
  return program;
}
