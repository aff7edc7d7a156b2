import { rememberLine } from './args/rememberLine.ts';
import { type Commands, runMain } from './program.ts';

/** Every command, in the order of the help. */
const COMMANDS: Commands = {
  train: async () => (await import('./commands/train.ts')).addTrain,
  evaluate: async () => (await import('./commands/evaluate.ts')).addEvaluate,
  recommend: async () => (await import('./commands/recommend.ts')).addRecommend,
  similar: async () => (await import('./commands/recommend.ts')).addSimilar,
  serve: async () => (await import('./commands/serve.ts')).addServe,
  inspect: async () => (await import('./commands/inspect.ts')).addInspect,
  check: async () => (await import('./commands/check.ts')).addCheck,
  prepare: async () => (await import('./commands/prepare.ts')).addPrepare,
  export: async () => (await import('./commands/export.ts')).addExport,
  import: async () => (await import('./commands/import.ts')).addImport,
  handover: async () => (await import('./commands/handover.ts')).addHandover,
  embed: async () => (await import('./commands/embed.ts')).addEmbed,
  'semantic-ids': async () => (await import('./commands/semanticIds.ts')).addSemanticIds,
  plan: async () => (await import('./commands/plan.ts')).addPlan,
  worker: async () => (await import('./commands/worker.ts')).addWorker,
  'compare-encoders': async () => (await import('./commands/compareEncoders.ts')).addCompareEncoders,
  augment: async () => (await import('./commands/augment.ts')).addAugment,
  tune: async () => (await import('./commands/tune.ts')).addTune,
  reproduce: async () => (await import('./commands/reproduce.ts')).addReproduce,
  demo: async (run) => {
    const { addDemo } = await import('./commands/demo.ts');
    return (program) => addDemo(program, run);
  },
  new: async () => (await import('./commands/new.ts')).addNew,
  dataset: async () => (await import('./commands/dataset.ts')).addDataset,
};

/** Runs a command line. */
export function main(argv: readonly string[]): Promise<void> {
  return runMain(argv, COMMANDS, {
    remember: rememberLine,
    expand: async (line, command) => (await import('./args/config.ts')).withConfig(line, command),
  });
}
