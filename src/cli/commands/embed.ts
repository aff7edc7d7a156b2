import type { Command } from 'commander';
import {
  type Comparison,
  compareEmbeddings,
  describeEmbedder,
  type Embeddings,
  embeddingsFromNpy,
  embeddingsFromSafetensors,
  embeddingsFromTable,
  embeddingsToSafetensors,
  markShard,
  mergeShards,
  type Shard,
  shardRange,
} from '../../embedders.ts';
import { load, OptionError } from '../../index.ts';
import { readBytes, writeAtomic } from '../../node.ts';
import { text } from '../args/arguments.ts';
import {
  add,
  addConfigOptions,
  addOutputOptions,
  type OutputOptions,
  outputOptions,
} from '../args/command.ts';
import { CommandLine } from '../args/commandLine.ts';
import { addBadLineOption } from '../args/dataOptions.ts';
import { checkCatalogue, checkVectors, embedderNames, readsItems } from '../args/embedderArguments.ts';
import {
  addItemOptions,
  type CatalogueOptions,
  catalogueOptions,
  type VectorOptions,
  vectorOptions,
} from '../args/itemOptions.ts';
import { addShardOptions, shardOptions, sharedLine } from '../args/queueOptions.ts';
import { checkTexts, imagesOf, openCatalogue } from '../catalogue.ts';
import { fileLines } from '../dataReport.ts';
import { inputsOf } from '../dataset.ts';
import { countRepeated, tellApart } from '../distinctTexts.ts';
import { vectorsOf } from '../embedder.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { vectorForecast, vectorForecastLine } from '../predictedVectors.ts';
import { progressTo } from '../progress.ts';
import { type QueueOptions, runInQueue, type ShardedCommand } from '../queue/flow.ts';
import { VERSION } from '../version.ts';

interface EmbedArguments {
  readonly out: string;
  readonly check?: string;
  readonly checkIds?: string;
}

/** Adds the command `embed`. */
export function addEmbed(program: Command): void {
  const command = program
    .command('embed')
    .description('write the vectors of all items of a catalogue to a file');
  addItemOptions(command);
  addBadLineOption(command);
  command.optionsGroup('Parts and checks:');
  addShardOptions(command, 'the catalogue');
  add(
    command,
    '--check <file>',
    'compare with vectors made elsewhere: .npy, .safetensors, .jsonl, .csv or .parquet',
    text('--check'),
  );
  add(
    command,
    '--check-ids <file>',
    'their item ids, one a line (default: the catalogue)',
    text('--check-ids'),
  );
  addConfigOptions(command);
  addOutputOptions(command);
  const line = new CommandLine(command);
  command.requiredOption('--out <file>', 'the .safetensors file to write');
  command.action(() =>
    interruptible((signal) => {
      const args = command.opts<EmbedArguments>();
      const output = outputOptions(command);
      const { shard, merge, queued } = shardOptions(command);
      if (merge) return mergeParts(merge, args.out, output);
      const [items, vectors] = [catalogueOptions(command), vectorOptions(command)];
      if (queued)
        return embedInQueue(
          items,
          vectors,
          { ...queued, argv: sharedLine(command, line), out: args.out },
          output,
          signal,
        );
      return embed(items, vectors, { ...args, shard }, output, signal);
    }),
  );
}

async function embed(
  items: CatalogueOptions,
  vectors: VectorOptions,
  args: EmbedArguments & { readonly shard: Shard | null },
  { json, quiet }: OutputOptions,
  signal: AbortSignal,
): Promise<void> {
  const { path } = items;
  const { out } = args;
  if (path === undefined)
    throw new OptionError('embed', 'expected --items, received none', 'Name the catalogue');
  checkCatalogue(items);
  checkVectors(vectors, false);
  const { shard } = args;
  if (shard) checkShared(vectors);
  const { files, folders } = inputsOf({}, path, vectors);
  const inputs = { ...files, '--check': args.check, '--check-ids': args.checkIds };
  await checkOutputs({ '--out': out }, { files: inputs, folders });
  checkEnding(out);
  const progress = progressTo(process.stderr, quiet);
  const runtime = await load();
  const { catalogue, images, report } = await openCatalogue(path, items, signal);
  for (const line of fileLines(report)) progress.line(line);
  const { texts, missing } = catalogue.aligned(catalogue.ids);
  const readsTexts = readsItems(vectors, 'text');
  if (readsTexts && vectors.onMissingText === 'error') checkTexts(path, missing, catalogue.length);
  const { begin, end } = shard ? shardRange(catalogue.length, shard) : { begin: 0, end: catalogue.length };
  const part = { ids: catalogue.ids.slice(begin, end), texts: texts.slice(begin, end) };
  const content = { texts: part.texts, images, path };
  const forecast = vectorForecast(vectors, readsTexts ? part.texts : [], path);
  if (readsTexts) progress.line(vectorForecastLine(forecast));
  const made = await vectorsOf(vectors, part.ids, content, { runtime, progress, signal });
  const apart = await tellApart(made, { runtime, progress });
  const comparison =
    args.check === undefined ? null : await compare(made, catalogue.ids, args.check, args.checkIds);
  const embedded = () =>
    readsTexts ? texts : imagesOf(path, images, catalogue.ids, vectors.settings.onBadImage);
  const mark = shard ? await markShard(shard, made.source, catalogue.ids, embedded()) : undefined;
  await writeAtomic(out, embeddingsToSafetensors(made, mark), { signal });
  const { source, width, ids } = made;
  const counts = {
    items: part.ids.length,
    withVector: ids.length,
    withoutText: part.texts.filter((text) => text.trim() === '').length,
    withoutVector: part.ids.length - ids.length,
    repeatedTexts: countRepeated(part.texts),
    distinctness: apart,
    ...(comparison && { check: comparison }),
    ...(shard && { shard }),
  };
  if (json) {
    printJson({
      command: 'embed',
      version: VERSION,
      out,
      source,
      width,
      ...counts,
      catalogue: report,
      forecast,
    });
    return;
  }
  if (comparison) print(checkLine(args.check!, comparison));
  const of = shard ? ` of shard ${shard.number}/${shard.of}` : '';
  print(
    `wrote ${out}: ${source}, width ${width}, ${ids.length} of ${part.ids.length} items${of} have a vector`,
  );
}

/** @throws {OptionError} for a name by which the file would be read as another format than the one that is written */
function checkEnding(out: string): void {
  if (!/\.(npy|npz|csv|tsv|jsonl?|parquet)$/i.test(out)) return;
  throw new OptionError('--out', `expected a name that ends in .safetensors, received ${out}`, 'Name it so');
}

/** @throws {OptionError} for embedders whose vectors depend on more than their own text */
function checkShared(vectors: VectorOptions): void {
  const names = embedderNames(vectors);
  if (names.length === 1 && describeEmbedder(names[0]).cacheable) return;
  const problem = `expected one encoder, whose vectors depend on their texts alone, received ${names.join(', ')}`;
  throw new OptionError('--shard', problem, 'Leave it out');
}

/** Embeds in parts, which the workers of a queue do, and tells what they wrote. */
async function embedInQueue(
  items: CatalogueOptions,
  vectors: VectorOptions,
  command: ShardedCommand & QueueOptions,
  output: OutputOptions,
  signal: AbortSignal,
): Promise<void> {
  const { out, shards } = command;
  if (items.path === undefined)
    throw new OptionError('embed', 'expected --items, received none', 'Name the catalogue');
  checkCatalogue(items);
  checkVectors(vectors, false);
  checkShared(vectors);
  const { files, folders } = inputsOf({}, items.path, vectors);
  await checkOutputs({ '--out': out }, { files, folders });
  checkEnding(out);
  const progress = progressTo(process.stderr, output.quiet);
  await runInQueue(command, command, progress, signal);
  tellMerged(embeddingsFromSafetensors(await readBytes(out), out), out, shards, output);
}

async function mergeParts(paths: readonly string[], out: string, output: OutputOptions): Promise<void> {
  await checkOutputs({ '--out': out }, { files: { '--merge': [...paths] } });
  checkEnding(out);
  const files = await Promise.all(paths.map(async (name) => ({ name, bytes: await readBytes(name) })));
  const merged = mergeShards(files);
  await writeAtomic(out, embeddingsToSafetensors(merged));
  tellMerged(merged, out, paths.length, output);
}

function tellMerged(
  { source, width, ids }: Embeddings,
  out: string,
  shards: number,
  { json }: OutputOptions,
): void {
  const result = { out, source, width, withVector: ids.length, shards };
  if (json) printJson({ command: 'embed', version: VERSION, ...result });
  else print(`wrote ${out}: ${shards} shards, ${source}, width ${width}, ${ids.length} vectors`);
}

/** How near the vectors are to those of a file, whose rows are those of the catalogue where it has no ids. */
async function compare(
  vectors: Embeddings,
  catalogueIds: readonly string[],
  path: string,
  idsPath: string | undefined,
): Promise<Comparison> {
  const bytes = await readBytes(path);
  const ids = idsPath === undefined ? null : new TextDecoder().decode(await readBytes(idsPath));
  if (/\.npy$/i.test(path)) {
    const names = { vectors: path, ids: idsPath ?? 'the catalogue' };
    return compareEmbeddings(vectors, embeddingsFromNpy(bytes, ids ?? catalogueIds.join('\n'), names));
  }
  if (!/\.safetensors$/i.test(path)) {
    if (ids === null) return compareEmbeddings(vectors, await embeddingsFromTable(bytes, path));
    const problem = 'expected no file of ids beside a table, which holds them, received one';
    throw new OptionError('--check-ids', problem, 'Leave it out');
  }
  const beside = ids === null ? {} : { ids: { text: ids, name: idsPath! } };
  return compareEmbeddings(vectors, embeddingsFromSafetensors(bytes, path, beside));
}

function checkLine(path: string, { compared, meanCosine, worstCosine, worst }: Comparison): string {
  const named = worst.slice(0, 5).map(({ id, cosine }) => `${id} ${cosine.toFixed(6)}`);
  return `${path}: ${compared} vectors compared, mean cosine ${meanCosine.toFixed(6)}, worst ${worstCosine.toFixed(6)} (${named.join(', ')})`;
}
