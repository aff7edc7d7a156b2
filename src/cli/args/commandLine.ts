import type { Command, Option } from 'commander';
import { NamedOption } from './command.ts';

/** Options that say how a command speaks or where it begins, and nothing of its result. */
const ASIDE: readonly string[] = ['config', 'saveConfig', 'json', 'quiet', 'resume', 'reportOnly'];

/** An option of a command line with the texts that stood behind it; none behind a switch. */
export interface Typed {
  readonly option: Option;
  readonly texts: readonly string[];
}

/** What was typed, option by option in the order of the first use: of one that takes one value the last. */
export class CommandLine {
  readonly #command: Command;
  readonly #typed = new Map<string, Typed>();

  /** @param command before it is parsed */
  constructor(command: Command) {
    this.#command = command;
    for (const option of command.options)
      command.on(`option:${option.name()}`, (text: string | null) => this.#add(option, text));
  }

  #add(option: Option, text: string | null): void {
    const name = option.attributeName();
    const earlier = this.#typed.get(name)?.texts ?? [];
    const isValue = option.required || option.optional;
    const joins = option instanceof NamedOption && option.joins;
    const texts = [...(option.variadic || joins ? earlier : []), ...(isValue && text !== null ? [text] : [])];
    this.#typed.set(name, { option, texts: joins ? [texts.join(',')] : texts });
  }

  /** The options that decide the result, by their names. */
  get options(): ReadonlyMap<string, Typed> {
    return new Map([...this.#typed].filter(([name]) => !ASIDE.includes(name)));
  }

  /** What stood without a flag. */
  get words(): readonly string[] {
    return this.#command.args;
  }

  /** The line that gives the same result again, as a shell takes it. */
  toString(): string {
    const options = [...this.options.values()].flatMap(({ option, texts }) => [option.long!, ...texts]);
    return ['llminit', this.#command.name(), ...this.words, ...options].map(shellWord).join(' ');
  }
}

/** A text as a shell takes it for one word. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
