import {
  describeEmbedder,
  EMBEDDER_SETTINGS,
  EMBEDDERS,
  type SettingName,
  textTemplate,
} from '../../embedders.ts';
import { OptionError } from '../../index.ts';
import type { EmbeddingArguments } from './commandArguments.ts';
import { longFlag } from './described.ts';

/** The embedders of `--embedder`, in order. */
export function embedderNames({ embedder = 'lexical' }: EmbeddingArguments): string[] {
  return embedder.split(',').map((name) => name.trim());
}

/** Weights of several embedders, in order. */
export function embedderWeights(args: EmbeddingArguments): number[] {
  return args.embedderWeights ?? embedderNames(args).map((name) => describeEmbedder(name).weight);
}

/** Whether an embedder is a file that has the vectors already. */
export function isVectorsFile(embedder: string): boolean {
  return EMBEDDERS.some((kind) => !kind.readsTexts && kind.matches(embedder));
}

/** @throws {OptionError} when options of the vectors do not go together; called before anything is read */
export function checkEmbeddingArguments(args: EmbeddingArguments, needsText: boolean): void {
  const names = embedderNames(args);
  const kinds = names.map((name) => describeEmbedder(name, '--embedder'));
  const twice = names.find((name, n) => names.indexOf(name) < n);
  if (twice !== undefined) {
    const problem = `expected each embedder once, received ${twice} twice`;
    throw new OptionError('--embedder', problem, 'Name it once');
  }
  if (args.text !== undefined) {
    textTemplate(args.text);
    if (args.textColumns) {
      const problem = 'expected it without --text-columns, since it names its columns, received both';
      throw new OptionError('--text', problem, 'Leave one out');
    }
  }
  checkWeights(args, names);
  const npy = names.filter((name) => /\.npy$/i.test(name));
  if (npy.length > 1) {
    const problem = `expected one .npy file at most, received ${npy.length}`;
    throw new OptionError('--embedder', problem, 'Use .safetensors files, which carry their ids');
  }
  for (const name of Object.keys(EMBEDDER_SETTINGS) as SettingName[]) {
    if (args[name] === undefined || kinds.some(({ settings }) => settings.includes(name))) continue;
    refuseUnread(longFlag(EMBEDDER_SETTINGS[name]), args, ({ settings }) => settings.includes(name));
  }
  if (args.cache !== undefined && !kinds.some(({ cacheable }) => cacheable))
    refuseUnread('--cache', args, ({ cacheable }) => cacheable);
  for (const [n, kind] of kinds.entries()) kind.check(names[n], args);
  if (needsText && kinds.some(({ readsTexts }) => readsTexts) && args.items === undefined) {
    const problem =
      'expected --items (a catalogue) or --embedder F.npy for an init that uses text, received neither';
    throw new OptionError('--init', problem, 'Pass one, or --init xavier');
  }
}

function checkWeights({ embedderWeights: weights }: EmbeddingArguments, names: readonly string[]): void {
  if (!weights || (names.length > 1 && weights.length === names.length)) return;
  const problem = `expected a weight for each of several embedders, received ${weights.length} for ${names.length}`;
  throw new OptionError('--embedder-weights', problem, 'Pass as many, or leave it out');
}

function refuseUnread(
  flag: string,
  { embedder = 'none' }: EmbeddingArguments,
  reads: (kind: (typeof EMBEDDERS)[number]) => boolean,
): never {
  const readers = EMBEDDERS.filter(reads).map(({ written }) => written);
  const problem = `expected --embedder ${readers.join(' or ')} beside it, received ${embedder}`;
  throw new OptionError(flag, problem, 'Add it, or leave this out');
}
