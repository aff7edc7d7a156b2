import type { Command } from 'commander';
import { embeddingsToSafetensors, load, OptionError } from '../../index.ts';
import { writeAtomic } from '../../node.ts';
import { addOutputOptions } from '../args/command.ts';
import type { EmbeddingArguments, OutputArguments } from '../args/commandArguments.ts';
import { addBadLineOption } from '../args/dataOptions.ts';
import { checkEmbeddingArguments } from '../args/embedderArguments.ts';
import { addEmbeddingOptions } from '../args/options.ts';
import { fileLines } from '../dataReport.ts';
import { inputsOf } from '../dataset.ts';
import { checkTexts, countRepeated, openCatalogue, tellApart, vectorsOf } from '../embedder.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { progressTo } from '../progress.ts';
import { VERSION } from '../version.ts';

interface EmbedArguments extends EmbeddingArguments, OutputArguments {
  readonly out: string;
}

/** Adds the command `embed`. */
export function addEmbed(program: Command): void {
  const command = program
    .command('embed')
    .description('write the vectors of all items of a catalogue to a file');
  addEmbeddingOptions(command);
  addBadLineOption(command);
  addOutputOptions(command);
  command.requiredOption('--out <file>', 'the .safetensors file to write');
  command.action(() => interruptible((signal) => embed(command.opts<EmbedArguments>(), signal)));
}

async function embed(args: EmbedArguments, signal: AbortSignal): Promise<void> {
  const { items, out } = args;
  if (items === undefined)
    throw new OptionError('embed', 'expected --items, received none', 'Name the catalogue');
  checkEmbeddingArguments(args, true);
  await checkOutputs({ '--out': out }, inputsOf(args));
  const progress = progressTo(process.stderr, args.quiet ?? false);
  const runtime = await load();
  const { catalogue, report } = await openCatalogue(args, items, signal);
  for (const line of fileLines(report)) progress.line(line);
  const { texts, missing } = catalogue.aligned(catalogue.ids);
  if (args.onMissingText === 'error') checkTexts(items, missing, catalogue.length);
  const vectors = await vectorsOf(args, catalogue.ids, texts, { runtime, progress, signal });
  const apart = await tellApart(vectors, { runtime, progress });
  await writeAtomic(out, embeddingsToSafetensors(vectors));
  const { source, width, ids } = vectors;
  const withoutVector = catalogue.length - ids.length;
  const counts = {
    items: catalogue.length,
    withVector: ids.length,
    withoutText: missing.length,
    withoutVector,
    repeatedTexts: countRepeated(texts),
    distinctness: apart,
  };
  if (args.json)
    printJson({ command: 'embed', version: VERSION, out, source, width, ...counts, catalogue: report });
  else
    print(
      `wrote ${out}: ${source}, width ${width}, ${ids.length} of ${catalogue.length} items have a vector`,
    );
}
