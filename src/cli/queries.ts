import { addRecommend, addSimilar } from './commands/recommend.ts';
import { type Commands, runMain } from './program.ts';

/** The commands that ask a model and are over in a moment: the build puts what they load into few files. */
const COMMANDS: Commands = {
  recommend: async () => addRecommend,
  similar: async () => addSimilar,
};

/** Runs a command line. */
export function main(argv: readonly string[]): Promise<void> {
  return runMain(argv, COMMANDS);
}
