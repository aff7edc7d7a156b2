import { Command, type Option } from 'commander';
import { OptionError, shown } from '../../errors.ts';
import type { Protocol, TrainOptions } from '../../index.ts';
import { didYouMean } from '../../options/nearest.ts';
import { readWith } from '../../recipe/checkOptions.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';
import { add } from './command.ts';
import type { InitName } from './initNames.ts';
import { addTrainingOptions, initNames, recipeOptions } from './options.ts';

/** An option by its flag without dashes, and the texts of the values that are tried. */
export interface Varied {
  readonly name: string;
  readonly values: readonly string[];
}

/** One setting of the options that are varied, and all options of its trainings but for the seed. */
export interface Trial {
  /** Value by flag; null where the trial's init does not read the option. */
  readonly values: Readonly<Record<string, string | null>>;
  readonly init: InitName;
  readonly options: TrainOptions;
}

/** Settings that are listed at most, before some are drawn. */
const MOST_SETTINGS = 100_000;

/** Options that decide how a job runs, and not what comes of it. */
const NOT_VARIED: readonly string[] = ['threads', 'max-memory'];

/** `lr=0.001,0.01`. @throws {OptionError} for another form, and values that stand twice */
export function parseVaried(text: string): Varied {
  const [, name, list] = /^(?:--)?([\w-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined)
    refuse(`expected an option and its values, received ${shown(text)}`, 'Pass e.g. lr=0.001,0.01');
  const values = list.split(',').map((value) => value.trim());
  if (values.includes('') || new Set(values).size < values.length)
    refuse(
      `expected values of ${name} separated by commas, each once, received ${shown(list)}`,
      'Correct the list',
    );
  return { name, values };
}

/**
 * Every combination of the values, or `count` of them drawn by `seed`, in the order of the lists. Combinations that
 * differ in options only that their init does not read are one.
 *
 * @param command with the options that all trials share
 * @throws {OptionError} for a name that is no option of training, stands twice or is shared too, or a value out of range
 */
export function trialsOf(
  command: Command,
  varied: readonly Varied[],
  { init, protocol }: { readonly init: InitName; readonly protocol: Protocol },
  count: number,
  seed: number,
): Trial[] {
  checkNames(command, varied);
  const total = varied.reduce((product, { values }) => product * values.length, 1);
  if (total > MOST_SETTINGS)
    refuse(`expected ${MOST_SETTINGS} combinations at most, received ${total}`, 'Vary fewer options');
  const trials = new Map<string, Trial>();
  for (let index = 0; index < total; index++) {
    const trial = trialAt(index, command, varied, { init, protocol });
    const key = JSON.stringify([trial.init, trial.options]);
    if (!trials.has(key)) trials.set(key, trial);
  }
  const all = [...trials.values()];
  const unread = varied.find(({ name }) => all.every(({ values }) => values[name] === null));
  if (unread) refuse(`expected an init that reads ${unread.name}, received none`, `Leave ${unread.name} out`);
  if (all.length <= count) return all;
  const drawn = new Random(seed, PURPOSE.sample).shuffle(Int32Array.from(all, (_, index) => index));
  return [...drawn.slice(0, count).sort()].map((index) => all[index]);
}

/** The combination of an index, the last option varying fastest. */
function trialAt(
  index: number,
  command: Command,
  varied: readonly Varied[],
  shared: { readonly init: InitName; readonly protocol: Protocol },
): Trial {
  let rest = index;
  const chosen = new Map<string, string>();
  for (const { name, values } of [...varied].reverse()) {
    chosen.set(name, values[rest % values.length]);
    rest = Math.floor(rest / values.length);
  }
  const parsed = parsedValues(chosen);
  const init = (parsed.init as InitName | undefined) ?? shared.init;
  const given = recipeOptions(command, parsed);
  const options = readWith(init, { ...given, init, protocol: shared.protocol });
  const isRead = (name: string) => {
    const alone = Object.keys(
      recipeOptions(new Command(), parsedValues(new Map([[name, chosen.get(name)!]]))),
    );
    return alone.every((key) => Object.hasOwn(options, key));
  };
  const values = varied.map(({ name }) => [name, isRead(name) ? chosen.get(name)! : null]);
  return { values: Object.fromEntries(values), init, options };
}

/** The values of flags as the command line parses them. */
function parsedValues(chosen: ReadonlyMap<string, string>): Record<string, unknown> {
  const command = trainingCommand();
  const words = [...chosen].map(([name, value]) => {
    const option = optionOf(command, name)!;
    if (option.required) return `--${name}=${value}`;
    if (value !== 'true' && value !== 'false')
      refuse(`expected ${name} to be true or false, received ${shown(value)}`, 'Change it');
    return value === `${!option.negate}` ? option.long! : null;
  });
  command.parse(
    words.filter((word) => word !== null),
    { from: 'user' },
  );
  const given = Object.entries(command.opts()).filter(
    ([name]) => command.getOptionValueSource(name) === 'cli',
  );
  return Object.fromEntries(given);
}

/** A command with the options that may be varied and nothing else. */
function trainingCommand(): Command {
  const command = addTrainingOptions(new Command()).exitOverride();
  return add(command, '--init <name>', '', initNames);
}

function optionOf(command: Command, name: string): Option | undefined {
  return command.options.find(({ long }) => long === `--${name}` || long === `--no-${name}`);
}

function checkNames(command: Command, varied: readonly Varied[]): void {
  const known = trainingCommand().options.map(({ long }) => long!.replace(/^--(no-)?/, ''));
  const names = known.filter((name) => !NOT_VARIED.includes(name));
  for (const [n, { name }] of varied.entries()) {
    if (!names.includes(name))
      refuse(
        `expected an option of training, received ${shown(name)}`,
        didYouMean(name, names, `It may be ${names.join(', ')}`),
      );
    if (varied.findIndex((other) => other.name === name) < n)
      refuse(`expected each option once, received ${name} twice`, 'Put its values into one list');
    const shared = optionOf(command, name);
    if (shared && command.getOptionValueSource(shared.attributeName()) === 'cli')
      refuse(`expected no ${shared.long} beside ${name}, received both`, 'Leave one of them out');
  }
}

function refuse(problem: string, remedy: string): never {
  throw new OptionError('--vary', problem, remedy);
}
