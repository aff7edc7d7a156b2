import { type ModelName, OptionError } from '../../index.ts';
import type { TrainingArguments } from './commandArguments.ts';
import type { InitName } from './initNames.ts';

/** @throws {OptionError} on options that do not go together; called before anything is read */
export function checkTrainingArguments(args: TrainingArguments, inits: readonly InitName[]): void {
  checkReaders(args, inits);
  const { model, layers } = args;
  if (model === 'bpr-mf' && layers) {
    throw new OptionError(
      '--layers',
      `expected 0 for bpr-mf, received ${layers}`,
      'Leave it out, or use lightgcn',
    );
  }
  for (const [flag, name] of CONTRASTIVE_FLAGS) {
    if (args[name] === undefined || contrastiveNames(model).includes(name)) continue;
    const models = name === 'temperature' ? 'sgl, sgcl or mixsgcl' : 'sgl';
    const problem = `expected --model ${models} beside it, received ${model}`;
    throw new OptionError(flag, problem, `Leave it out: ${model} does not read it`);
  }
}

/** Refuses options that nothing would read. */
function checkReaders(args: TrainingArguments, inits: readonly InitName[]): void {
  const { popularityExponent, hardCandidates, negatives } = args;
  const readers: readonly [flag: string, value: unknown, by: readonly InitName[]][] = [
    ['--whiten-exponent', args.whitenExponent, ['whiten', 'graph-pca', 'auto']],
    ['--graph-weight', args.graphWeight, ['graph-pca', 'auto']],
    ['--popular-fraction', args.popularFraction, ['variance']],
    ['--frozen-columns', args.frozenColumns, ['frozen']],
    ['--adapter-layers', args.adapterLayers, ['adapter']],
  ];
  for (const [flag, value, by] of readers) {
    if (value === undefined || inits.some((init) => by.includes(init))) continue;
    const problem = `expected --init ${by.join(' or ')} beside it, received ${inits.join(', ')}`;
    throw new OptionError(flag, problem, 'Leave it out');
  }
  if (popularityExponent !== undefined && negatives !== 'popularity') {
    const problem = `expected --negatives popularity beside it, received ${negatives ?? 'none'}`;
    throw new OptionError('--popularity-exponent', problem, 'Add it');
  }
  if (hardCandidates !== undefined && negatives !== 'hard') {
    const problem = `expected --negatives hard beside it, received ${negatives ?? 'none'}`;
    throw new OptionError('--hard-candidates', problem, 'Add it');
  }
  if (negatives !== undefined && (args.model === 'sgcl' || args.model === 'mixsgcl')) {
    const problem = `expected a model that samples negatives beside it, received ${args.model}`;
    throw new OptionError('--negatives', problem, 'Leave it out');
  }
}

const CONTRASTIVE_FLAGS = [
  ['--temperature', 'temperature'],
  ['--ssl-weight', 'sslWeight'],
  ['--augmentation', 'augmentation'],
  ['--dropout', 'dropout'],
] as const;

/** The contrastive options that a model reads. */
function contrastiveNames(model: ModelName): readonly (typeof CONTRASTIVE_FLAGS)[number][1][] {
  if (model === 'sgl') return CONTRASTIVE_FLAGS.map(([, name]) => name);
  return model === 'sgcl' || model === 'mixsgcl' ? ['temperature'] : [];
}
