import type { Command } from 'commander';
import type { RerankedRecommendations } from '../../chat/rerank/recommendReranked.ts';
import { OptionError } from '../../errors.ts';
// Not from the entry, whose HTTP handler would be loaded with it.
import type { Recommender } from '../../serve/recommender.ts';
import type { History, Recommendation, RecommendOptions } from '../../serve.ts';
import { integer, text } from '../args/arguments.ts';
import { addRerankOptions, rerankSettings } from '../args/chatOptions.ts';
import { add, addOutputOptions, type OutputOptions } from '../args/command.ts';
import { addIdList, idsOf } from '../args/idLists.ts';
import { checkKnownUser, knownIds, noteUnknown } from '../knownIds.ts';
import { openModelFile } from '../openModel.ts';
import { print, printJson } from '../output.ts';
import { ROW_ENDINGS, RowsFile, rowEnding } from '../rowsFile.ts';
import { tableText } from '../tables.ts';
import { VERSION } from '../version.ts';

interface FilterArguments extends Partial<OutputOptions> {
  readonly where?: string;
  readonly top: number;
  readonly exclude?: string[];
  readonly only?: string[];
}

interface RecommendArguments extends FilterArguments {
  readonly user?: string;
  readonly history?: string[];
  readonly text?: string;
  readonly all?: boolean;
  readonly users?: string[];
  readonly out?: string;
  readonly includeSeen?: boolean;
}

const HELP = `
Ids that the model does not know are passed over in --history, --exclude and --only, and named.

Examples:
  $ llminit recommend model.safetensors --user u42 -k 5
  $ llminit recommend model.safetensors --history B003D7NSPG,B001E688L2 --json
  $ llminit recommend model.safetensors --history '["SKU 3, red"]' --only @in-stock.txt
  $ llminit recommend model.safetensors --text "steel water bottle" --history B003D7NSPG
  $ llminit recommend model.safetensors --all --out top.parquet
  $ llminit recommend model.safetensors --user u42 --rerank --chat http://localhost:11434/v1 --chat-model qwen3:8b
`;

/** Adds the command `recommend`. */
export function addRecommend(program: Command): void {
  const command = program
    .command('recommend')
    .description('items for a user, a history of items, or all users');
  command.argument('<model>', 'a model file');
  add(command, '--user <id>', 'a user of the model', text('--user'));
  addIdList(command, '--history <list>', 'item ids of anyone');
  add(command, '--text <words>', 'items whose texts are closest; with --history, to it too', text('--text'));
  command.option('--all', 'for all users of the model, into --out');
  addIdList(command, '--users <list>', 'for these users, into --out');
  const endings = ROW_ENDINGS.map((ending) => `.${ending}`).join(', ');
  add(command, '--out <file>', `a row a recommendation: ${endings}`, text('--out'));
  addFilters(command);
  command.option('--include-seen', 'allow items that the user has already');
  command.option('--quiet', 'no progress on stderr');
  addRerankOptions(command);
  addOutputOptions(command, false).addHelpText('after', HELP);
  command.action((model: string) =>
    recommend(model, command.opts<RecommendArguments>(), rerankSettings(command)),
  );
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
  addIdList(command, '--exclude <list>', 'item ids never to return');
  add(command, '--where <text>', "by kept columns: category = 'Books' and price < 20", text('--where'));
  return addIdList(command, '--only <list>', 'the only item ids to return');
}

async function recommend(
  path: string,
  args: RecommendArguments,
  rerank: ReturnType<typeof rerankSettings>,
): Promise<void> {
  const { user, history, text: query, all, users, out, top: k, includeSeen, json } = args;
  const given = askedFor(args);
  if (rerank) checkReranked(given);
  const isTable = all === true || users !== undefined;
  if (isTable !== (out !== undefined)) {
    const problem = isTable
      ? `expected --out beside ${given[0]}, received none`
      : 'expected --all or --users beside it';
    throw new OptionError(
      isTable ? given[0] : '--out',
      problem,
      isTable ? 'Name the file' : 'Add one of them',
    );
  }
  if (out !== undefined) {
    rowEnding('--out', out);
    const { checkOutputs } = await import('../outputFile.ts');
    await checkOutputs({ '--out': out }, { files: { '<model>': path } });
  }
  const recommender = await openModelFile(path);
  const options = { k, includeSeen, ...(await filtersOf(recommender, args)) };
  const asked = async (person: string | History, how: NonNullable<typeof rerank>) =>
    (await import('../reranking.ts')).reranked(recommender, person, options, how);
  if (out !== undefined) {
    await writeAll(recommender, args, out, options);
    return;
  }
  if (user !== undefined) {
    checkKnownUser(recommender.model, user);
    const own = () => recommender.recommend(user, options);
    return show('recommend', { user }, k, rerank ? await asked(user, rerank) : own(), json ?? false);
  }
  const items = history && (await knownIds(recommender.model, '--history', history));
  if (query !== undefined) {
    const found = recommender.recommendForText(query, { ...options, history: items });
    return show('recommend', { text: query, ...(items && { history: items }) }, k, found, json ?? false);
  }
  const person = { history: items! };
  const found = rerank ? await asked(person, rerank) : recommender.recommend(person, options);
  return show('recommend', person, k, found, json ?? false);
}

/** @throws {OptionError} for people whose recommendations are not re-ranked */
function checkReranked(given: readonly string[]): void {
  const other = given.find((flag) => flag !== '--user' && flag !== '--history');
  if (other === undefined) return;
  const problem = `expected --user or --history beside it, received ${other}`;
  throw new OptionError('--rerank', problem, 'Leave one out');
}

/** The flags that say for whom, `--text` first. @throws {OptionError} unless there is one, or a history beside a text */
function askedFor({ user, history, text: query, all, users }: RecommendArguments): string[] {
  const asked = { '--text': query, '--user': user, '--history': history, '--all': all, '--users': users };
  const given = Object.entries(asked)
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  const isOne = given.length === 1 || (given.length === 2 && query !== undefined && history !== undefined);
  if (isOne) return given;
  const received = given.length === 0 ? 'neither' : given.join(' and ');
  const problem = `expected either --user or --history, --text, --all or --users, received ${received}`;
  throw new OptionError('recommend', problem, 'Pass one of them');
}

/** Recommendations of many users in one file, with progress. */
async function writeAll(
  recommender: Recommender,
  { users, top, json, quiet }: RecommendArguments,
  out: string,
  options: RecommendOptions,
): Promise<void> {
  const { userIds, itemTitles } = recommender.model;
  const known = new Set(userIds);
  const asked = users ? await idsOf('--users', users, (id) => known.has(id)) : userIds;
  const unknown = asked.filter((id) => !known.has(id));
  noteUnknown('--users', unknown);
  const columns = ['user', 'rank', 'item', 'score', ...(itemTitles ? ['title'] : [])];
  const file = new RowsFile(columns, rowEnding('--out', out));
  const { progressTo } = await import('../progress.ts');
  const progress = progressTo(process.stderr, quiet ?? false);
  const people = asked.filter((id) => known.has(id));
  const counts = {
    users: people.length,
    rows: 0,
    unknownUsers: unknown.length,
    usersWithFewer: 0,
    popular: 0,
  };
  let done = 0;
  const fallback = { ...options, fallback: 'popular' } as const;
  for await (const { person, items } of recommender.recommendMany(people, fallback)) {
    for (const [n, { id, score, title }] of items.entries())
      file.add([person as string, n + 1, id, score, ...(itemTitles ? [title] : [])]);
    counts.rows += items.length;
    if (items.length < top) counts.usersWithFewer++;
    if (items.basis === 'popular') counts.popular++;
    if (++done % 1000 === 0) progress.step('recommending', done, people.length);
  }
  progress.end();
  const bytes = await file.write(out);
  if (json) printJson({ command: 'recommend', version: VERSION, out, bytes, k: top, ...counts });
  else {
    const { users, rows, usersWithFewer, popular } = counts;
    if (popular > 0) process.stderr.write(`${popular} users like nothing: they get popular items\n`);
    if (usersWithFewer > 0)
      process.stderr.write(
        `${usersWithFewer} users have fewer than ${top} items left, of all that they may get\n`,
      );
    print(`wrote ${out}: ${rows} recommendations of ${users} users (${bytes} bytes)`);
  }
}

async function similar(path: string, item: string, args: FilterArguments): Promise<void> {
  const recommender = await openModelFile(path);
  const filters = await filtersOf(recommender, args);
  return show(
    'similar',
    { item },
    args.top,
    recommender.similarItems(item, { k: args.top, ...filters }),
    args.json ?? false,
  );
}

/** The filters as ids of the model. */
async function filtersOf(
  recommender: Recommender,
  { exclude, only, where }: FilterArguments,
): Promise<Pick<RecommendOptions, 'exclude' | 'only' | 'where'>> {
  return {
    where,
    exclude: exclude && (await knownIds(recommender.model, '--exclude', exclude)),
    only: only && (await knownIds(recommender.model, '--only', only)),
  };
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
    const { rerank } = found as Partial<RerankedRecommendations>;
    printJson({ command, version: VERSION, ...asked, k, items, ...(rerank && { rerank }) });
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
