import { addRecommend, addSimilar } from './commands/recommend.ts';
import type { Commands } from './program.ts';

export { main } from './program.ts';

/** The commands that ask a model and are over in a moment: the build puts what they load into few files. */
export const COMMANDS: Commands = {
  recommend: async () => addRecommend,
  similar: async () => addSimilar,
};
