import type { Command } from 'commander';
import {
  bootstrapInterval,
  combineEmbeddings,
  type Embeddings,
  evaluateScorer,
  l3ae,
  loadThreads,
  OptionError,
  type Runtime,
  type Split,
  spectrum,
} from '../../index.ts';
import { textOnly } from '../../models/closed/textOnly.ts';
import { integer } from '../args/arguments.ts';
import { add, addOutputOptions, type OutputOptions, outputOptions } from '../args/command.ts';
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
import { sourceName, tellApart, vectorsOf } from '../embedder.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { progressTo } from '../progress.ts';
import { tableText } from '../tables.ts';
import { VERSION } from '../version.ts';

/** NDCG@10 over the test users, with its 95 % interval. */
interface Score {
  readonly ndcg: number;
  readonly interval: readonly [number, number];
}

/** What one embedder is worth. */
interface EncoderReport {
  readonly embedder: string;
  readonly source: string;
  readonly width: number;
  readonly withVector: number;
  /** Of the centred vectors of norm 1; null where there are too many columns for a look. */
  readonly effectiveRank: number | null;
  readonly twinShare: number;
  /** Ranking by text without training, and by L3AE, a closed form that learns from texts and clicks. */
  readonly textOnly: Score;
  readonly l3ae: Score;
  readonly secondsPer10000: number;
}

/** Columns beyond which the spectrum takes minutes. */
const MOST_COLUMNS = 1024;

const HELP = `
Embeds the items with each of several embedders and tells what their vectors are worth here: how well they rank the
test items by text alone and in L3AE, how far they spread, how many items they do not tell apart, how long they took.
Intervals are those of the users; vectors from a cache take no time.

Example:
  $ llminit compare-encoders --interactions ratings.csv --items products.csv --embedder lexical,use.npy --embedding-ids ids.txt
`;

/** Adds the command `compare-encoders`. */
export function addCompareEncoders(program: Command): void {
  const command = program
    .command('compare-encoders')
    .description('tell what the vectors of several embedders are worth to a recommender');
  addDataOptions(command);
  addItemOptions(command);
  add(command, '--seed <n>', 'of the split and the intervals', integer('--seed', 0), 2020);
  addOutputOptions(command).addHelpText('after', HELP);
  command.action(() =>
    interruptible((signal) => {
      const items = { catalogue: catalogueOptions(command), vectors: vectorOptions(command) };
      const { seed } = command.opts<{ seed: number }>();
      return compareEncoders(dataOptions(command), items, seed, outputOptions(command), signal);
    }),
  );
}

async function compareEncoders(
  data: DataOptions,
  { catalogue, vectors }: { readonly catalogue: CatalogueOptions; readonly vectors: VectorOptions },
  seed: number,
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
  const dataset = await readDataset(data, signal);
  for (const line of dataLines(dataset.report)) progress.line(line);
  const split = dataset.split(seed);
  checkParts(split);
  const opened = catalogue.path === undefined ? null : await openCatalogue(catalogue.path, catalogue, signal);
  const aligned = opened?.catalogue.aligned(dataset.itemIds);
  if (aligned && readsItems(vectors, 'text') && vectors.onMissingText === 'error')
    checkTexts(catalogue.path!, aligned.missing, dataset.itemIds.length);
  const encoders: EncoderReport[] = [];
  for (const embedder of embedderNames(vectors)) {
    const began = performance.now();
    const context = { runtime, progress, signal };
    const single = { ...vectors, embedders: [embedder] };
    const content = { texts: aligned?.texts ?? [], images: opened?.images ?? null, path: catalogue.path };
    const made = await vectorsOf(single, dataset.itemIds, content, context);
    const seconds = (performance.now() - began) / 1000;
    const { share } = await tellApart(made, context);
    encoders.push({
      ...{
        embedder: sourceName(embedder),
        source: sourceName(made.source),
        width: made.width,
        withVector: made.ids.length,
      },
      ...{ effectiveRank: effectiveRank(made), twinShare: share },
      textOnly: await scored(await textOnly(split.train, made, { runtime }), split, seed, runtime),
      l3ae: await scored(await l3ae(split.train, made, { runtime }), split, seed, runtime),
      secondsPer10000: (10_000 * seconds) / made.ids.length,
    });
  }
  encoders.sort((a, b) => b.l3ae.ndcg - a.l3ae.ndcg);
  if (json)
    printJson({
      command: 'compare-encoders',
      version: VERSION,
      data: dataset.report,
      seed,
      encoders,
    });
  else print(table(encoders));
}

/** Of the directions in which items differ: vectors of encoders share a large common part. */
function effectiveRank(vectors: Embeddings): number | null {
  if (vectors.width > MOST_COLUMNS) return null;
  const centred = combineEmbeddings([{ embeddings: vectors }], vectors.ids);
  return spectrum(centred.vectors, centred.width).effectiveRank;
}

async function scored(
  scorer: Parameters<typeof evaluateScorer>[0],
  split: Split,
  seed: number,
  runtime: Runtime,
): Promise<Score> {
  const { means, perUser } = await evaluateScorer(scorer, split, { runtime });
  const { low, high } = bootstrapInterval(perUser['ndcg@10'], { seed });
  return { ndcg: means['ndcg@10'], interval: [low, high] };
}

function table(encoders: readonly EncoderReport[]): string {
  const score = ({ ndcg, interval: [low, high] }: Score) =>
    `${ndcg.toFixed(4)} (${low.toFixed(4)}–${high.toFixed(4)})`;
  const head = [
    'embedder',
    'width',
    'rank',
    'twins',
    'text-only NDCG@10',
    'L3AE NDCG@10',
    's / 10,000 items',
  ];
  const rows = encoders.map((one) => [
    one.embedder,
    `${one.width}`,
    one.effectiveRank === null ? '–' : one.effectiveRank.toFixed(0),
    `${Math.round(100 * one.twinShare)} %`,
    score(one.textOnly),
    score(one.l3ae),
    one.secondsPer10000.toFixed(1),
  ]);
  return tableText(head, rows);
}
