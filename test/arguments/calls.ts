import { CHATS } from './chat.ts';
import { DATA } from './data.ts';
import { ARRAYS, MODELS } from './models.ts';
import { NODE } from './node.ts';
import { SEQUENCES } from './sequences.ts';
import { SERVING } from './serving.ts';
import { VECTORS } from './vectors.ts';
import type { Call } from './wrong.ts';

/** A call with right arguments of every function, constructor and method of every entry. */
export const CALLS: Readonly<Record<string, Call>> = {
  ...DATA,
  ...VECTORS,
  ...ARRAYS,
  ...MODELS,
  ...SERVING,
  ...NODE,
  ...CHATS,
  ...SEQUENCES,
};
