import type { Command } from 'commander';
import { NAMED_ENCODERS } from '../../embedders.ts';
import { withoutSecrets } from '../../errors.ts';
import { loadThreads, OptionError } from '../../index.ts';
import { integer } from '../args/arguments.ts';
import {
  add,
  addConfigOptions,
  addOutputOptions,
  type OutputOptions,
  outputOptions,
} from '../args/command.ts';
import { addDataOptions, type DataOptions, dataOptions } from '../args/dataOptions.ts';
import { checkCatalogue, checkVectors, embedderNames, readsItems } from '../args/embedderArguments.ts';
import {
  addItemOptions,
  type CatalogueOptions,
  catalogueOptions,
  type VectorOptions,
  vectorOptions,
} from '../args/itemOptions.ts';
import { checkTexts, openCatalogue } from '../catalogue.ts';
import { checkParts, dataLines } from '../dataReport.ts';
import { readDataset } from '../dataset.ts';
import { tellApart } from '../distinctTexts.ts';
import { type EmbedContext, type ItemContent, sourceName, vectorsOf } from '../embedder.ts';
import {
  type EncoderReport,
  effectiveRank,
  encoderTable,
  type ScoreContext,
  scoresOf,
  tokensPer10000,
} from '../encoderReport.ts';
import { atOnce, interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { progressTo } from '../progress.ts';
import { VERSION } from '../version.ts';

interface ComparisonArguments {
  readonly sample?: number;
  readonly graphEpochs: number;
  readonly seed: number;
}

const GRAPH_EPOCHS = 20;

const HELP = `
Embeds the items with each of several embedders and tells what their vectors are worth here: how well they rank the
test items by text alone, in L3AE and in LightGCN after a few epochs, beside the same models without vectors; how far
they spread, how many items they do not tell apart, what they cost. Intervals are those of the users; vectors from a
cache take no time; tokens are estimated. --sample keeps the cost small: whole histories of users drawn at random.
The encoders of the paper's Table 3 are ${NAMED_ENCODERS.join(', ')}.

Example:
  $ llminit compare-encoders --interactions ratings.csv --items products.csv --embedder lexical,mpnet --sample 2000
`;

/** Adds the command `compare-encoders`. */
export function addCompareEncoders(program: Command): void {
  const command = program
    .command('compare-encoders')
    .description('tell what the vectors of several embedders are worth to a recommender');
  addDataOptions(command);
  addItemOptions(command);
  command.optionsGroup('Comparison:');
  add(command, '--sample <items>', 'users at random, until they touch so many items', integer('--sample', 1));
  const epochs = integer('--graph-epochs', 0);
  add(command, '--graph-epochs <n>', 'epochs of LightGCN, 0 for none', epochs, GRAPH_EPOCHS);
  add(command, '--seed <n>', 'of sample, split, training and intervals', integer('--seed', 0), 2020);
  addConfigOptions(command);
  addOutputOptions(command).addHelpText('after', HELP);
  command.action(() =>
    interruptible((signal) => {
      const items = { catalogue: catalogueOptions(command), vectors: vectorOptions(command) };
      const how = command.opts<ComparisonArguments>();
      return compareEncoders(dataOptions(command), items, how, outputOptions(command), signal);
    }),
  );
}

async function compareEncoders(
  data: DataOptions,
  { catalogue, vectors }: { readonly catalogue: CatalogueOptions; readonly vectors: VectorOptions },
  { seed, sample, graphEpochs }: ComparisonArguments,
  { json, quiet }: OutputOptions,
  signal: AbortSignal,
): Promise<void> {
  checkCatalogue(catalogue);
  checkVectors(vectors, catalogue.path === undefined);
  if (vectors.weights) {
    const problem = 'expected it where embedders stand side by side; here each stands alone';
    throw new OptionError('--embedder-weights', problem, 'Leave it out');
  }
  const progress = progressTo(process.stderr, quiet);
  const runtime = await loadThreads({ threads: 1 });
  const dataset = await readDataset(data, signal, sample === undefined ? undefined : { items: sample, seed });
  for (const line of dataLines(dataset.report)) progress.line(line);
  const split = await atOnce(() => dataset.split(seed));
  checkParts(split, dataset.report.split.name);
  const opened = catalogue.path === undefined ? null : await openCatalogue(catalogue.path, catalogue, signal);
  const aligned = opened?.catalogue.aligned(dataset.itemIds);
  if (aligned && readsItems(vectors, 'text') && vectors.onMissingText === 'error')
    checkTexts(catalogue.path!, aligned.missing, dataset.itemIds.length);
  const content = { texts: aligned?.texts ?? [], images: opened?.images ?? null, path: catalogue.path };
  const context = { split, seed, graphEpochs, runtime, progress, signal };
  const encoders: EncoderReport[] = [];
  for (const embedder of embedderNames(vectors))
    encoders.push(
      await reportOf(embedder, { ...vectors, embedders: [embedder] }, content, dataset.itemIds, context),
    );
  encoders.sort((a, b) => b.l3ae.ndcg - a.l3ae.ndcg);
  encoders.push({ ...NONE, ...(await scoresOf(null, context)) });
  const { report } = dataset;
  if (json)
    printJson({ command: 'compare-encoders', version: VERSION, data: report, seed, graphEpochs, encoders });
  else print(encoderTable(encoders));
}

/** What is the same without vectors. */
const NONE = {
  ...{ embedder: 'none', source: null, width: null, withVector: 0, effectiveRank: null },
  ...{ twinShare: null, secondsPer10000: null, tokensPer10000: null },
};

async function reportOf(
  embedder: string,
  vectors: VectorOptions,
  content: ItemContent,
  itemIds: readonly string[],
  context: ScoreContext & EmbedContext,
): Promise<EncoderReport> {
  const began = performance.now();
  const made = await vectorsOf(vectors, itemIds, content, context);
  const seconds = (performance.now() - began) / 1000;
  const { share } = await tellApart(made, context);
  return {
    ...{ embedder: withoutSecrets(sourceName(embedder)), source: sourceName(made.source), width: made.width },
    ...{ withVector: made.ids.length, effectiveRank: effectiveRank(made), twinShare: share },
    ...(await scoresOf(made, context)),
    secondsPer10000: (10_000 * seconds) / made.ids.length,
    tokensPer10000: readsItems(vectors, 'text') ? tokensPer10000(content.texts) : null,
  };
}
