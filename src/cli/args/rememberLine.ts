import type { Command } from 'commander';
import { withoutSecrets } from '../../errors.ts';
import { printable } from '../printable.ts';
import { VERSION } from '../version.ts';
import { CommandLine } from './commandLine.ts';

/** Whether a command has the options of `addConfigOptions`. */
function hasConfig(command: Command): boolean {
  return command.options.some((option) => option.attributeName() === 'saveConfig');
}

/**
 * Lets a command with the options of `addConfigOptions` end with the line that gives its result again, on stderr, and with a file of its options where one is
 * asked for.
 * @param command before it is parsed
 */
export function rememberLine(command: Command): void {
  if (!hasConfig(command)) return;
  const line = new CommandLine(command);
  const asked = () => command.opts<{ saveConfig?: string; quiet?: boolean }>();
  command.hook('postAction', async () => {
    const { saveConfig: path, quiet } = asked();
    const secret =
      path === undefined ? [] : await (await import('./config.ts')).saveConfig(path, command.name(), line);
    if (secret.length > 0)
      process.stderr.write(
        `${printable(`${path} leaves out ${secret.join(', ')}, which holds a secret: pass it beside --config`)}\n`,
      );
    if (quiet) return;
    const again = withoutSecrets(`the same again, with llminit ${VERSION}: ${line}`);
    process.stderr.write(`${printable(again)}\n`);
  });
}
