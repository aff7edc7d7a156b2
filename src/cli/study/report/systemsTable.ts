import { type Cell, overSeeds, type RankMetric } from '../analysis.ts';
import { FLOPS_NOTE } from '../flops.ts';
import type { Job, SystemCost } from '../jobs.ts';
import { isKnown, readsOrder, SYSTEMS, type System } from '../systems.ts';
import { costOf } from './beyondTables.ts';
import type { Context } from './context.ts';
import { average, four, kilobytes } from './format.ts';
import { type Published, TABLE1, TABLE2 } from './published.ts';
import type { ReportTable, Section } from './section.ts';
import { intervalOf } from './tables.ts';

/** What every other row is measured against. */
const BASE = 'xavier (LightGCN)';
const NOTHING = '–';
const NOT_RUN = 'not run';

const NOTES = [
  'intervals: 95 % bootstrap over users; gains are over xavier (LightGCN) of the same protocol and order, on the same users; * leaves out 0',
  'published figures are of the paper’s protocol, close to paper and random order here, with MPNet vectors. Its Table 2 compares quality with parameters alone: 13M each for MoRec and TIGER, (users + items) × 768 for the former. LLMRank has no figures there',
  'in the paper, the row of LLMInit-Var in Table 2 is the one of SGCL in Table 1, not named as such; and “Random Init” in its Table 5 equals LLMInit-Full in its Table 2 to the digit, so that one of the two stands for something else',
  'new item: whether an item of which only the text is known gets a place of its own: by a map of the texts that training found, or by those of its nearest neighbours, whatever the model, as addItems does. stranger: whether what somebody is shown who was not trained on follows from the history. Both were tried on the trained model of the first run. Worker: the smallest plan of Cloudflare, by estimate (llminit inspect --target cloudflare-free)',
  'parameters: numbers in floating point of the model file, which is what training sets; seconds: of one core for training with its choices, without vectors, and without a chat model; LLM tokens: of the runs on one split',
  FLOPS_NOTE,
];
const ILL_POSED =
  'in random order, what is held out came before some of what was trained on: a model of sequences predicts what comes next, so its rows there say nothing about sessions';
const IN_TIME =
  'in order of time, what is held out is newer than what was trained on, and therefore rarer: popularity tells little. Histories of models of sequences end with the validation item there, as next-item models are measured everywhere; the other rows do not see it';
const RERANKED =
  'LLMRank is measured on users who were drawn, and under the protocol standard alone: candidates are what people do not have yet';

/** Systems under one protocol: quality under both protocols and orders, and what each costs. */
export function systemsSection(context: Context): Omit<Section, 'title'> {
  const { systems: cells } = context;
  if (cells.length === 0) return { notes: [], tables: [], charts: [] };
  const rows = SYSTEMS.flatMap((system) => rowsOf(system, cells));
  const orders = (['random', 'time'] as const).filter((order) =>
    cells.some(({ job }) => job.order === order),
  );
  const protocols = (['standard', 'paper'] as const).filter((protocol) =>
    cells.some(({ job }) => job.protocol === protocol),
  );
  const tables = orders.flatMap((order) =>
    protocols.map((protocol) => qualityTable(rows, { context, order, protocol })),
  );
  const hasSequences = rows.some(({ system, cells: own }) => readsOrder(system) && own.length > 0);
  const notes = [
    ...NOTES,
    ...(hasSequences && orders.includes('random') ? [ILL_POSED] : []),
    ...(orders.includes('time') ? [IN_TIME] : []),
    ...(rows.some(({ system }) => system.asks === 'rerank') ? [RERANKED] : []),
    ...rows.flatMap((row) => row.cells[0]?.job.chat?.replace(/^/, `${row.name} asks `) ?? []),
    ...rows.filter((row) => row.cells.length === 0).map(({ system }) => notRun(system, context)),
  ];
  return { notes, tables: [...tables, abilityTable(rows), publishedTable()], charts: [] };
}

interface Scope {
  readonly context: Context;
  readonly order: Job['order'];
  readonly protocol: Job['protocol'];
}

/** A system under one set of settings, whatever the protocol and the order. */
interface Row {
  readonly system: System;
  readonly name: string;
  readonly cells: readonly Cell[];
}

/** A row for each set of settings that a system was run with; one without cells where there is none. */
function rowsOf(system: System, cells: readonly Cell[]): Row[] {
  const { name } = system;
  const settings = new Map<string, Cell[]>();
  for (const cell of cells.filter(({ job }) => job.system === name)) {
    const { dim, batch, epochs, vectors, chat } = cell.job;
    const own = [chat, vectors, dim && `dim ${dim}`, `batch ${batch}`, `at most ${epochs} epochs`];
    const key = own.filter(Boolean).join(', ');
    settings.set(key, [...(settings.get(key) ?? []), cell]);
  }
  if (settings.size === 0) return system.of === undefined ? [{ system, name, cells: [] }] : [];
  return [...settings].map(([key, own]) => ({
    ...{ system, cells: own },
    name: settings.size === 1 ? name : `${name}: ${key}`,
  }));
}

/** How a row is run that was not. */
function notRun(system: System, { dataset }: Context): string {
  const command = `llminit reproduce table2 --dataset ${dataset.name} …`;
  if (!isKnown(system)) return `${system.name}: not run, this version has no model ${system.model}`;
  if (!system.asks) return `${system.name}: not run yet; ${command} runs it`;
  const chat = '--chat http://localhost:11434/v1 --chat-model qwen3:8b --chat-cache answers';
  return `${system.name}: not run, it takes a chat model: ${command} ${chat}, or another endpoint and model, runs it; no figure is made up`;
}

function qualityTable(rows: readonly Row[], scope: Scope): ReportTable {
  const { context, order, protocol } = scope;
  const cellOf = ({ cells }: Row) =>
    cells.find(({ job }) => job.order === order && job.protocol === protocol);
  const base = rows.filter(({ system }) => system.name === BASE).flatMap((row) => cellOf(row) ?? [])[0];
  const lines = rows.map((row) => {
    const { system, name } = row;
    const cell = cellOf(row);
    const published = publishedOf(system, scope);
    const known = published ? published.map(four).join(' / ') : NOTHING;
    if (!cell) {
      const isLeftOut = system.asks === 'rerank' && protocol === 'paper';
      return [name, isLeftOut ? NOTHING : NOT_RUN, ...Array(4).fill(NOTHING), known];
    }
    const { recall, ndcg } = gainsOf(context, base, cell);
    const quality = (['recall', 'ndcg'] as const).map((metric) => withInterval(context, cell, metric));
    return [name, ...quality, recall, ndcg, `${cell.results.size}`, known];
  });
  const seen = protocol === 'paper' ? 'nothing masked' : 'seen items masked';
  return {
    caption: `protocol ${protocol} (${seen}), ${order === 'time' ? 'in order of time' : 'random order'}`,
    head: [
      ...['system', 'R@10 [95 %]', 'N@10 [95 %]', 'gain R [95 %]', 'gain N [95 %]', 'seeds'],
      'published here R / N',
    ],
    rows: lines,
  };
}

function gainsOf({ comparisons }: Context, base: Cell | undefined, cell: Cell) {
  const gain = (metric: RankMetric) => {
    const found = base && base !== cell ? comparisons.of(base, cell, metric) : null;
    return found ? intervalOf(found) : NOTHING;
  };
  return { recall: gain('recall'), ndcg: gain('ndcg') };
}

function withInterval({ comparisons }: Context, cell: Cell, metric: RankMetric): string {
  const { low, high } = comparisons.interval(cell, metric);
  return `${four(overSeeds(cell, `${metric}@10`).mean)} [${four(low)}, ${four(high)}]`;
}

/** On this very dataset, from Table 1 or Table 2, where the paper has a figure: its splits are in random order. */
function publishedOf({ name, of, init }: System, { context, order }: Scope): Published | undefined {
  if (order !== 'random') return undefined;
  const { name: dataset } = context.dataset;
  const place = { 'amazon-beauty': 0, 'amazon-toys-games': 1 }[dataset];
  const found = place === undefined ? undefined : TABLE2[name]?.[place];
  return found ?? (of && init ? TABLE1[dataset]?.[of]?.[init] : undefined);
}

/** Costs and abilities, by the first protocol and order that has a row. */
function abilityTable(rows: readonly Row[]): ReportTable {
  const lines = rows.map(({ system, name, cells: [cell] }) => {
    if (!cell) return [name, system.form, NOT_RUN, ...Array(7).fill(NOTHING)];
    const costs = [...cell.results.values()].flatMap(({ cost }) => cost ?? []);
    const { seconds, bytes } = costOf(cell);
    const mean = (of: (cost: SystemCost) => number) => average(costs.map(of));
    const tokens = costs.flatMap((cost) => cost.tokens ?? []);
    return [
      ...[name, system.form],
      Math.round(mean((cost) => cost.parameters)).toLocaleString('en'),
      bytes === null ? NOTHING : kilobytes(bytes),
      seconds.toFixed(1),
      withUnit(mean((cost) => cost.flops)),
      tokens.length > 0 ? Math.round(average(tokens)).toLocaleString('en') : system.asks ? NOTHING : '0',
      { map: 'by its map', neighbours: 'by neighbours', no: 'no' }[costs[0].newItem],
      yesOrNo(costs[0].stranger),
      yesOrNo(costs.every((cost) => cost.worker)),
    ];
  });
  return {
    caption: 'What each costs, and what it can do',
    head: [
      ...['system', 'form', 'parameters', 'kB deployed', 'seconds', 'FLOPs', 'LLM tokens'],
      ...['new item from text', 'stranger', 'fits a Worker'],
    ],
    rows: lines,
  };
}

/** The paper's Table 2 as it stands there. */
function publishedTable(): ReportTable {
  const lines = Object.entries(TABLE2).map(([name, found]) => [
    name,
    ...found.flatMap((published) => published.map(four)),
  ]);
  const head = ['system', 'Beauty R@10', 'Beauty N@10', 'Toys R@10', 'Toys N@10'];
  return { caption: 'As published (Zhang et al. 2025, Table 2)', head, rows: lines };
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

/** FLOPs with three digits: `1.23 T`. */
function withUnit(flops: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P'];
  const step = flops < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(flops) / 3));
  return `${(flops / 1000 ** step).toPrecision(3)}${units[step]}`;
}
