import type { Command, Option } from 'commander';
import type { Inputs, Paths } from '../outputFile.ts';

/** Options that name a file which is written; that the same command reads it first makes no difference. */
const WRITTEN: readonly string[] = ['out', 'checkpoint', 'results', 'perUser', 'journal', 'saveConfig'];

/** Whether an option takes files or folders, as its help says. */
export function isPathOption({ flags }: Option): boolean {
  return /<(files?|folder)(\.\.\.)?>$/.test(flags);
}

function isFileOption({ flags }: Option): boolean {
  return /<files?(\.\.\.)?>$/.test(flags);
}

/**
 * The files that a command line says are written and those that it says are read, by their flags: options that take a file, lists of
 * ids in files (`@ids.txt`) and words beside the options.
 *
 * @param command parsed
 */
export function filesOf(command: Command): { readonly outputs: Paths; readonly inputs: Inputs } {
  const values = command.opts<Record<string, unknown>>();
  const outputs: Record<string, string[]> = {};
  const inputs: Record<string, string[]> = { [`<${command.name()}>`]: [...command.args] };
  for (const option of command.options) {
    const name = option.attributeName();
    const texts = [values[name] ?? []].flat().filter((value) => typeof value === 'string');
    const lists = texts.filter((text) => text.startsWith('@')).map((text) => text.slice(1));
    if (!isFileOption(option)) inputs[option.long!] = lists;
    else (WRITTEN.includes(name) ? outputs : inputs)[option.long!] = texts;
  }
  return { outputs, inputs: { files: inputs } };
}

/** Makes sure, before a command begins, that it writes no file over one that it reads. @param command before it is parsed */
export function guardInputs(command: Command): void {
  command.hook('preAction', async () => {
    const { outputs, inputs } = filesOf(command);
    if (Object.keys(outputs).every((flag) => outputs[flag]?.length === 0)) return;
    await (await import('../outputFile.ts')).checkOutputs(outputs, inputs);
  });
}
