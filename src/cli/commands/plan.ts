import { totalmem } from 'node:os';
import type { Command } from 'commander';
import { OptionError } from '../../index.ts';
import { type PlannedStage, planScale } from '../../recipe/scale/plan.ts';
import type { Machines, Scale } from '../../recipe/scale/stages.ts';
import { decimal } from '../args/arguments.ts';
import { add, addOutputOptions, type OutputOptions, outputOptions } from '../args/command.ts';
import { print, printJson } from '../output.ts';
import { duration } from '../predicted.ts';
import { tableText } from '../tables.ts';
import { VERSION } from '../version.ts';

interface PlanArguments {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly dim: number;
  readonly textWidth?: number;
  readonly batch?: number;
  readonly memory?: number;
  readonly machines: number;
  readonly network: number;
  readonly textsPerSecond: number;
}

const HELP = `
Memory is that of the largest process on a machine, time that of one core of each machine. Rates were measured on one machine
(node bench/engines.mjs, node bench/texts.mjs, npm run bench); --texts-per-second depends on the encoder and is a guess. What a
machine receives comes at the speed of --network, beside no computation.

Example:
  $ llminit plan --users 30e6 --items 5e6 --interactions 2e9 --dim 64 --memory 64
`;

/** Adds the command `plan`. */
export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .description('say what each stage takes at a scale, and which should move to an engine');
  command.requiredOption('--users <n>', 'e.g. 30e6', count('--users'));
  command.requiredOption('--items <n>', 'e.g. 5e6', count('--items'));
  command.requiredOption('--interactions <n>', 'that are left by filters, e.g. 2e9', count('--interactions'));
  add(command, '--dim <n>', 'columns of the tables', count('--dim'), 128);
  add(command, '--text-width <n>', 'columns of the text vectors (default: no texts)', count('--text-width'));
  add(
    command,
    '--batch <n>',
    'interactions per update (default: with which an epoch takes least)',
    count('--batch'),
  );
  const positive = (flag: string) => decimal(flag, 'a number above 0', (value) => value > 0);
  add(command, '--memory <GB>', 'of a machine (default: of this one)', positive('--memory'));
  add(command, '--machines <n>', 'that an engine has', count('--machines'), 8);
  add(command, '--network <Gbit/s>', 'between machines', positive('--network'), 10);
  add(command, '--texts-per-second <n>', 'that one core embeds', positive('--texts-per-second'), 50);
  addOutputOptions(command, false).addHelpText('after', HELP);
  command.action(() => plan(command.opts<PlanArguments>(), outputOptions(command)));
}

/** A whole number above 0, also as `30e6`. */
function count(flag: string): (text: string) => number {
  return decimal(flag, 'a whole number above 0', (value) => Number.isSafeInteger(value) && value > 0);
}

function plan(args: PlanArguments, { json }: OutputOptions): void {
  const { users, items, interactions, dim, textWidth = null, batch = null } = args;
  const scale: Scale = { users, items, interactions, dim, textWidth, batch };
  const machines: Machines = {
    count: args.machines,
    memory: args.memory === undefined ? totalmem() : args.memory * 1e9,
    network: (args.network * 1e9) / 8,
    textsPerSecond: args.textsPerSecond,
  };
  if (dim > 4096) throw new OptionError('--dim', `expected at most 4096, received ${dim}`, 'See --help');
  const stages = planScale(scale, machines);
  if (json) {
    printJson({ command: 'plan', version: VERSION, ...scale, machines, stages });
    return;
  }
  const head = ['stage', 'on one machine', '', `on ${machines.count} machines`, '', '', 'moves beyond'];
  print(tableText(head, stages.map(row), 1));
  for (const { stage, engine, there, here } of stages)
    print([`${stage}: ${engine}`, here.note, there.note].filter(Boolean).join('; '));
  print(conclusion(stages, machines));
}

function row({ stage, here, there, movesAt, moves }: PlannedStage): string[] {
  const network = there.networkSeconds >= 1 ? `+ ${long(there.networkSeconds)} of network` : '';
  return [
    stage,
    `${gigabytes(here.memory)}${moves ? ', too much' : ''}`,
    long(here.seconds),
    `${gigabytes(there.memory)}${there.fits ? '' : ', too much'}`,
    long(there.seconds),
    network,
    movesAt > 1e15 ? 'never' : `${shortened(movesAt)} interactions`,
  ];
}

function conclusion(stages: readonly PlannedStage[], { memory, count: machines }: Machines): string {
  const limit = `${gigabytes(memory)} of memory a machine, 4.3 GB of it for WebAssembly`;
  const moving = stages.filter(({ moves }) => moves);
  if (moving.length === 0) return `With ${limit}, one machine does all of it.`;
  const first = ({ stage }: PlannedStage) => stage.split(',')[0];
  const helped = moving.filter(({ there }) => there.fits);
  const left = moving.filter(({ there }) => !there.fits);
  const parts = [
    helped.map((stage) => `${first(stage)} should move to ${stage.engine}`).join(', '),
    left.length === 0 ? '' : `${left.map(first).join(' and ')} would not fit ${machines} machines either`,
  ];
  return `With ${limit}, ${parts.filter(Boolean).join('; ')}.`;
}

function gigabytes(bytes: number): string {
  const value = bytes / 1e9;
  return `${value < 10 ? value.toPrecision(2) : Math.round(value)} GB`;
}

/** `3 ms`, `12 min`, `40 days`, `3 years`. */
function long(seconds: number): string {
  if (seconds < 1) return `${(1000 * seconds).toPrecision(2)} ms`;
  const days = seconds / 86_400;
  if (days < 3) return duration(seconds);
  return days < 1000 ? `${Math.round(days)} days` : `${Math.round(days / 365)} years`;
}

/** `2.1e9` as `2.1 billion`. */
function shortened(value: number): string {
  for (const [unit, name] of [
    [1e12, 'trillion'],
    [1e9, 'billion'],
    [1e6, 'million'],
  ] as const)
    if (value >= unit) return `${Number((value / unit).toPrecision(2))} ${name}`;
  return String(value);
}
