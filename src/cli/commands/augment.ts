import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { AugmentCounts } from '../../chat/augment/askJobs.ts';
import { augmentAttributes } from '../../chat/augment/attributes.ts';
import { augmentEdges } from '../../chat/augment/edges.ts';
import { augmentProfiles } from '../../chat/augment/profiles.ts';
import { TOKEN_PRICES, type TokenPrices } from '../../chat/prices.ts';
import { OptionError } from '../../index.ts';
import { integer, listOf, oneOf, text } from '../args/arguments.ts';
import { addChatOptions, type ChatOptions, chatOptions } from '../args/chatOptions.ts';
import {
  add,
  addConfigOptions,
  addOutputOptions,
  type OutputOptions,
  outputOptions,
} from '../args/command.ts';
import { addDataOptions, type DataOptions, dataOptions } from '../args/dataOptions.ts';
import { addDescribed, describedValues } from '../args/described.ts';
import { checkCatalogue } from '../args/embedderArguments.ts';
import { addCatalogueOptions, type CatalogueOptions, catalogueOptions } from '../args/itemOptions.ts';
import { filesOf } from '../args/pathOptions.ts';
import { type AugmentData, augmentData } from '../augmentData.ts';
import { type Asking, progressOf } from '../augmentProgress.ts';
import { openChat } from '../chatModel.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkFolder, checkOutputs, type Inputs } from '../outputFile.ts';
import { RowsFile } from '../rowsFile.ts';
import { openSession, type Session } from '../session.ts';
import { VERSION } from '../version.ts';

/** What can be made. */
const PARTS = ['edges', 'attributes', 'profiles'] as const;

type Part = (typeof PARTS)[number];

const HELP = `
A chat model is asked about training interactions alone, so that nothing held out gets into the files: pass the options of the
data, the order and the seed of the split as train gets them. What was answered lies in --chat-cache (default: answers in
--out), and the same command goes on from there.

Examples:
  $ llminit augment --interactions ratings.csv --items products.csv --out augmented --attributes material,occasion \\
      --chat http://localhost:11434/v1 --chat-model qwen3:8b
  $ llminit train --interactions ratings.csv --items products.csv --out model.safetensors --edges augmented/edges.csv \\
      --attributes augmented/attributes.csv --profiles augmented/profiles.csv
`;

/** Adds the command `augment`. */
export function addAugment(program: Command): void {
  const command = program
    .command('augment')
    .description('what a chat model supposes: edges, attributes of items, profiles of users, as files');
  addDataOptions(command);
  addCatalogueOptions(command);
  command.optionsGroup('Augmentation:');
  const parts = listOf('--parts', oneOf('--parts', PARTS));
  add(command, '--parts <list>', `of ${PARTS.join(', ')} (default: those that can be made)`, parts);
  const names = listOf('--attributes', text('--attributes'));
  add(command, '--attributes <list>', 'attributes of items to ask for: material,occasion', names);
  add(
    command,
    '--users <n>',
    'ask about so many users, drawn at random (default: all)',
    integer('--users', 1),
  );
  add(command, '--candidates <n>', 'items that edges are chosen from', integer('--candidates', 2), 10);
  add(command, '--batch-size <n>', 'items of one question', integer('--batch-size', 1), 10);
  add(command, '--seed <n>', 'of split and draws', integer('--seed', 0), 2020);
  addDescribed(command, TOKEN_PRICES);
  command.option('--preview', 'say what would be asked, and ask nothing');
  addChatOptions(command);
  addConfigOptions(command);
  addOutputOptions(command);
  command.requiredOption('--out <folder>', 'folder of edges.csv, attributes.csv and profiles.csv');
  command.addHelpText('after', HELP);
  command.action(() => interruptible((signal) => augment(augmentJob(command), signal)));
}

/** What the command line says, by what it is for. */
interface AugmentJob {
  readonly data: DataOptions;
  readonly catalogue: CatalogueOptions;
  readonly chat: ChatOptions;
  readonly parts: readonly Part[];
  readonly attributes: readonly string[];
  readonly draw: { readonly users?: number; readonly candidates: number; readonly seed: number };
  readonly batchSize: number;
  readonly prices: TokenPrices;
  readonly preview: boolean;
  readonly out: string;
  readonly inputs: Inputs;
  readonly output: OutputOptions;
}

interface AugmentArguments {
  readonly parts?: Part[];
  readonly attributes?: string[];
  readonly users?: number;
  readonly candidates: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly preview?: boolean;
  readonly out: string;
}

function augmentJob(command: Command): AugmentJob {
  const args = command.opts<AugmentArguments>();
  const { parts, attributes = [], users, candidates, batchSize, seed, preview = false, out } = args;
  const chosen = parts ?? PARTS.filter((part) => part !== 'attributes' || attributes.length > 0);
  if (chosen.includes('attributes') !== attributes.length > 0) {
    const [flag, problem] =
      attributes.length > 0
        ? ['--attributes', `expected attributes in --parts beside it, received ${chosen.join(',')}`]
        : ['--parts', 'expected --attributes beside attributes, received none'];
    throw new OptionError(flag, problem, 'Pass e.g. --attributes material,occasion');
  }
  const chat = chatOptions(command, 'augment');
  return {
    ...{ data: dataOptions(command), catalogue: catalogueOptions(command) },
    chat: { ...chat, cache: chat.cache ?? join(out, 'answers') },
    ...{ parts: chosen, attributes, draw: { users, candidates, seed }, batchSize },
    prices: describedValues(command.opts(), TOKEN_PRICES),
    ...{ preview, out, inputs: filesOf(command).inputs, output: outputOptions(command) },
  };
}

async function augment(job: AugmentJob, signal: AbortSignal): Promise<void> {
  const { catalogue, parts, preview, out, output } = job;
  checkCatalogue(catalogue);
  if (catalogue.path === undefined)
    throw new OptionError('augment', 'expected --items, for titles, received none', 'Name the catalogue');
  if (!preview) await makeFolder(job);
  const session = await openSession({ threads: 1 }, output.quiet, signal);
  const data = await augmentData(job.data, catalogue, job.draw, parts.includes('edges'), session);
  const plan = planText(job, data);
  session.progress.line(plan);
  if (preview) return output.json ? printJson({ command: 'augment', version: VERSION, plan }) : print(plan);
  const written: Record<string, object> = {};
  for (const part of parts) written[part] = await made(part, job, data, session);
  if (output.json) printJson({ command: 'augment', version: VERSION, out, ...written });
  else
    for (const [part, counts] of Object.entries(written))
      print(`wrote ${fileOf(out, part as Part)}: ${spent(counts as Made)}`);
}

/** Makes the folder, whose files replace nothing that is read. */
async function makeFolder({ out, parts, inputs }: AugmentJob): Promise<void> {
  await checkFolder('--out', out);
  await mkdir(out, { recursive: true });
  await checkOutputs({ '--out': parts.map((part) => fileOf(out, part)) }, inputs);
}

function fileOf(out: string, part: Part): string {
  return join(out, `${part}.csv`);
}

interface Made extends AugmentCounts {
  readonly rows: number;
}

function spent({ rows, asked, cached, unusable, promptTokens, answerTokens, price }: Made): string {
  const cost = price === null ? '' : `, price ${price.toFixed(4)}`;
  const answers = `${asked} answers (${cached} from the cache, ${unusable} of no use)`;
  return `${rows} rows of ${answers}, ${promptTokens} + ${answerTokens} tokens${cost}`;
}

/** Asks for one part and writes its file. */
async function made(part: Part, job: AugmentJob, data: AugmentData, session: Session): Promise<Made> {
  const { attributes, batchSize, draw, out, prices } = job;
  const { chat } = openChat(job.chat);
  const asking: Asking = {
    ...{ chat, ...prices, signal: session.signal },
    onProgress: progressOf(part, session.progress),
  };
  const path = fileOf(out, part);
  if (part === 'edges') {
    const { edges, counts } = await augmentEdges(data.people, { ...asking, seed: draw.seed });
    const file = new RowsFile(['user', 'item', 'sign', 'weight'], 'csv');
    for (const { user, item, sign, weight } of edges) file.add([user, item, sign, weight]);
    return written(file, path, edges.length, counts, session);
  }
  if (part === 'profiles') {
    const { profiles, counts } = await augmentProfiles(data.people, asking);
    const file = new RowsFile(['user', 'profile'], 'csv');
    for (const { user, profile } of profiles) file.add([user, profile]);
    return written(file, path, profiles.length, counts, session);
  }
  const { items, counts } = await augmentAttributes(data.items, { ...asking, attributes, batchSize });
  const file = new RowsFile(['item', ...attributes], 'csv');
  for (const { id, values } of items) file.add([id, ...attributes.map((name) => values[name])]);
  return written(file, path, items.length, counts, session);
}

async function written(
  file: RowsFile,
  path: string,
  rows: number,
  counts: AugmentCounts,
  { progress }: Session,
): Promise<Made> {
  progress.end();
  await file.write(path);
  return { rows, ...counts };
}

/** What will be asked. */
function planText({ parts, attributes, batchSize, chat }: AugmentJob, data: AugmentData): string {
  const { people, items } = data;
  const questions: Record<Part, string> = {
    edges: `${people.length} questions about edges`,
    attributes: `${Math.ceil(items.length / batchSize)} about ${attributes.join(', ')} of ${items.length} items`,
    profiles: `${people.length} about profiles`,
  };
  return `to ask ${chat.http.model}: ${parts.map((part) => questions[part]).join('; ')}`;
}
