import type { Checkpoint, Protocol, Trained } from '../index.ts';
import { readBytes } from '../node.ts';
import type { PreparedTraining } from '../recipe/train.ts';
import type { InitName } from './args/initNames.ts';
import type { RecipeOptions } from './args/options.ts';
import { CheckpointFile } from './checkpointFile.ts';
import { Interrupted } from './errors.ts';
import { trainingProgress } from './progress.ts';
import type { Session } from './session.ts';

/** Epochs between two checkpoints. */
export const CHECKPOINT_EPOCHS = 10;

/** The options of `train` that decide its result. */
export interface Recipe extends RecipeOptions {
  readonly init?: InitName;
  readonly seed: number;
  readonly protocol: Protocol;
}

/** The files of a training beside what it reads and writes. */
interface SafeState {
  readonly checkpoint?: string;
  readonly resume?: boolean;
  /** Parts of the items that jobs have solved. */
  readonly merge: readonly string[] | null;
}

/** Trains, saving and resuming as asked. @throws {Interrupted} on Ctrl-C, saying where the state is */
export async function trainSafely(
  prepared: PreparedTraining,
  recipe: Recipe,
  { checkpoint: path, resume, merge }: SafeState,
  { progress, signal }: Session,
): Promise<Trained> {
  const { init = 'auto', protocol, seed } = recipe;
  const what = recipe.model ?? (init === 'auto' ? 'a choice by validation' : 'lightgcn');
  progress.line(`training: ${what}, init ${init}, protocol ${protocol}, seed ${seed}`);
  const hooks = { signal, onProgress: trainingProgress(progress, 'train') };
  const itemShards = merge
    ? await Promise.all(merge.map(async (name) => ({ name, bytes: await readBytes(name) })))
    : undefined;
  if (path === undefined) return prepared.run({ ...hooks, itemShards }).finally(progress.end);
  const file = await CheckpointFile.open(path, resume === true);
  const onCheckpoint = (checkpoint: Checkpoint) => file.save(checkpoint);
  const checkpoints = { onCheckpoint, checkpointEvery: CHECKPOINT_EPOCHS, resume: file.resume };
  try {
    return await prepared.run({ ...hooks, ...checkpoints }).finally(progress.end);
  } catch (error) {
    if (!(error instanceof Interrupted) || !file.saved) throw error;
    throw new Interrupted(error.signal, `the state is in ${path}; go on with the same command and --resume`);
  }
}
