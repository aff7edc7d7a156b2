import { Command } from 'commander';
import { addDataset } from './commands/dataset.ts';
import { addEmbed } from './commands/embed.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addInspect } from './commands/inspect.ts';
import { addRecommend, addSimilar } from './commands/recommend.ts';
import { addReproduce } from './commands/reproduce.ts';
import { addTrain } from './commands/train.ts';
import { describeFailure } from './errors.ts';
import { tolerateClosedPipes } from './output.ts';
import { printable } from './printable.ts';
import { isStudyWorker, serveJobs } from './study/workers.ts';
import { VERSION } from './version.ts';

const HELP = `
Examples:
  $ llminit train --interactions ratings.csv --items products.csv --out model.safetensors
  $ llminit evaluate --interactions ratings.csv --items products.csv --seeds 0,1,2
  $ llminit recommend model.safetensors --user u42

Results go to stdout, progress to stderr. Exit codes: 0 done, 1 input that cannot be used, 2 bad usage, 130 Ctrl-C.
`;

const COMMANDS = [
  addTrain,
  addEvaluate,
  addRecommend,
  addSimilar,
  addInspect,
  addEmbed,
  addReproduce,
  addDataset,
];

/** The command line with all its commands. */
function createProgram(): Command {
  const program = new Command('llminit')
    .description('Graph recommenders that start from language-model embeddings')
    .version(VERSION, '--version')
    .exitOverride()
    // Failures are told in one place, by main.
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .addHelpText('after', HELP);
  for (const addCommand of COMMANDS) addCommand(program);
  return program;
}

async function main(): Promise<void> {
  tolerateClosedPipes();
  try {
    await createProgram().parseAsync();
  } catch (error) {
    const { exitCode, message } = describeFailure(error);
    if (message !== null) process.stderr.write(`${printable(message)}\n`);
    process.exitCode = exitCode;
  }
}

await (isStudyWorker() ? serveJobs() : main());
