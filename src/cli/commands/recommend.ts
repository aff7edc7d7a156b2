import type { Command } from 'commander';
import { readBytes } from '../../node/files.ts';
import { OptionError, type Recommendation, Recommender } from '../../serve.ts';
import { integer, listOf, text } from '../args/arguments.ts';
import { add, addOutputOptions } from '../args/command.ts';
import type { OutputArguments } from '../args/commandArguments.ts';
import { print, printJson } from '../output.ts';
import { tableText } from '../tables.ts';
import { VERSION } from '../version.ts';

interface FilterArguments extends OutputArguments {
  readonly top: number;
  readonly exclude?: string[];
  readonly only?: string[];
}

interface RecommendArguments extends FilterArguments {
  readonly user?: string;
  readonly history?: string[];
  readonly includeSeen?: boolean;
}

const HELP = `
Examples:
  $ llminit recommend model.safetensors --user u42 -k 5
  $ llminit recommend model.safetensors --history B003D7NSPG,B001E688L2 --json
`;

/** Adds the command `recommend`. */
export function addRecommend(program: Command): void {
  const command = program.command('recommend').description('items for a user, or for a history of items');
  command.argument('<model>', 'a model file');
  add(command, '--user <id>', 'a user of the model', text('--user'));
  add(
    command,
    '--history <list>',
    'item ids of anyone, separated by commas',
    listOf('--history', text('--history')),
  );
  addFilters(command);
  command.option('--include-seen', 'allow items that the user has already');
  addOutputOptions(command, false).addHelpText('after', HELP);
  command.action((model: string) => recommend(model, command.opts<RecommendArguments>()));
}

/** Adds the command `similar`. */
export function addSimilar(program: Command): void {
  const command = program
    .command('similar')
    .description('the items closest to an item, by cosine of final rows');
  command.argument('<model>', 'a model file').argument('<item>', 'an item id');
  addOutputOptions(addFilters(command), false);
  command.action((model: string, item: string) => similar(model, item, command.opts<FilterArguments>()));
}

function addFilters(command: Command): Command {
  add(command, '-k, --top <n>', 'how many items', integer('-k', 1), 10);
  add(command, '--exclude <list>', 'item ids never to return', listOf('--exclude', text('--exclude')));
  return add(command, '--only <list>', 'the only item ids to return', listOf('--only', text('--only')));
}

async function recommend(path: string, args: RecommendArguments): Promise<void> {
  const { user, history, top: k, exclude, only, includeSeen, json } = args;
  if ((user === undefined) === (history === undefined)) {
    const received = user === undefined ? 'neither' : 'both';
    throw new OptionError(
      'recommend',
      `expected either --user or --history, received ${received}`,
      'Pass one of them',
    );
  }
  const recommender = await Recommender.open(await readBytes(path), path);
  const options = { k, exclude, only, includeSeen };
  const found =
    user === undefined ? recommender.recommendFor(history!, options) : recommender.recommend(user, options);
  const asked = user === undefined ? { history } : { user };
  show('recommend', asked, k, found, json ?? false);
}

async function similar(
  path: string,
  item: string,
  { top: k, exclude, only, json }: FilterArguments,
): Promise<void> {
  const recommender = await Recommender.open(await readBytes(path), path);
  show('similar', { item }, k, recommender.similarItems(item, { k, exclude, only }), json ?? false);
}

function show(
  command: string,
  asked: object,
  k: number,
  found: readonly Recommendation[],
  json: boolean,
): void {
  if (json) {
    const items = found.map((item, n) => ({ rank: n + 1, ...item }));
    printJson({ command, version: VERSION, ...asked, k, items });
    return;
  }
  const rows = found.map(({ id, title, score }, n) => [`${n + 1}`, id, title ?? '', score.toFixed(4)]);
  const titled = found.some(({ title }) => title);
  if (titled) print(tableText(['', 'item', 'title', 'score'], rows, 3));
  else {
    const short = rows.map(([rank, id, , score]) => [rank, id, score]);
    print(tableText(['', 'item', 'score'], short, 2));
  }
  if (found.length < k) process.stderr.write(`only ${found.length} of ${k} items: no more are left\n`);
}
