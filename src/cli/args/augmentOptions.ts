import type { Command } from 'commander';
import { OptionError } from '../../errors.ts';
import { decimal, text } from './arguments.ts';
import { add } from './command.ts';

/** Files that `llminit augment` or another tool wrote, and how much they count. */
export interface AugmentFiles {
  readonly edges?: string;
  readonly attributes?: string;
  readonly profiles?: string;
  readonly edgesWeight?: number;
  readonly attributesWeight?: number;
  readonly profilesWeight?: number;
}

/** What stands beside each weight. */
const WEIGHTS = {
  edgesWeight: 'edges',
  attributesWeight: 'attributes',
  profilesWeight: 'profiles',
} as const;

/** Adds the flags of `AugmentFiles`. */
export function addAugmentFiles(command: Command): void {
  command.optionsGroup('Augmentation (files of llminit augment, or alike):');
  add(command, '--edges <file>', 'supposed interactions: user, item, sign, weight', text('--edges'));
  add(command, '--attributes <file>', 'texts of items, embedded beside the others', text('--attributes'));
  add(command, '--profiles <file>', 'texts of users, carried to their items', text('--profiles'));
  for (const [name, part] of Object.entries(WEIGHTS)) {
    const flag = `--${part}-weight`;
    const value = decimal(flag, 'a number > 0', (weight) => weight > 0);
    const about =
      part === 'edges'
        ? 'times the weight of every edge (default: 1)'
        : `of the vectors of ${part} (default: 0.5)`;
    add(command, `${flag} <w>`, about, value, undefined, [name]);
  }
}

/** What the flags say. @throws {OptionError} for a weight without its file */
export function augmentFiles(command: Command): AugmentFiles {
  const { edges, attributes, profiles, ...rest } = command.opts<AugmentFiles>();
  const { edgesWeight, attributesWeight, profilesWeight } = rest;
  const files = { edges, attributes, profiles };
  const weights = { edgesWeight, attributesWeight, profilesWeight };
  for (const [name, part] of Object.entries(WEIGHTS) as [keyof typeof WEIGHTS, keyof typeof files][]) {
    if (weights[name] === undefined || files[part] !== undefined) continue;
    throw new OptionError(
      `--${part}-weight`,
      `expected --${part} beside it, received none`,
      'Add it, or leave this out',
    );
  }
  return { ...files, ...weights };
}

/** The files by flag. */
export function pathsOf({ edges, attributes, profiles }: AugmentFiles): Record<string, string | undefined> {
  return { '--edges': edges, '--attributes': attributes, '--profiles': profiles };
}

/**
 * @param readsVectors whether the init or the model reads vectors
 * @param isElsewhere whether what is learned depends on the interactions as they are read: an inverse, a queue
 * @throws {OptionError} for files that nothing reads
 */
export function checkAugmentFiles(
  { edges, attributes, profiles }: AugmentFiles,
  readsVectors: boolean,
  isElsewhere: boolean,
): void {
  const given = [edges, attributes, profiles].some((path) => path !== undefined);
  if (given && isElsewhere) {
    const problem =
      'expected no --keep-inverse and no --shards with --redis beside files of augmentation, received both';
    throw new OptionError('train', problem, 'Leave one of them out');
  }
  const flag = attributes !== undefined ? '--attributes' : profiles !== undefined ? '--profiles' : undefined;
  if (flag === undefined || readsVectors) return;
  const problem = 'expected --items or --embedder, and an init or a model that reads vectors, beside it';
  throw new OptionError(flag, problem, 'Add them, or leave this out: nothing reads it');
}
