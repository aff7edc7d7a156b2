import { FormatError } from '../../errors.ts';
import type { InteractionsBuilder } from '../interactionsBuilder.ts';
import type { LineCounter } from './badLines.ts';
import { eachLine, type Source, textBlocks } from './source.ts';

/**
 * Reads the text format of LightGCN: a line is a user and then the user's items, separated by spaces or tabs.
 * A user without items is registered; a user may have several lines.
 *
 * @throws {FormatError} for an empty file or invalid UTF-8
 */
export async function readLightgcn(
  source: Source,
  builder: InteractionsBuilder,
  counter: LineCounter,
  signal?: AbortSignal,
): Promise<void> {
  for await (const block of textBlocks(source, counter.name, signal)) {
    eachLine(block, (line) => {
      const [user, ...items] = line.trim().split(/[ \t]+/);
      if (user === '') return;
      counter.report.lines++;
      builder.addUser(user);
      for (const item of items) builder.add(user, item);
    });
  }
  if (counter.report.lines === 0) {
    throw new FormatError(
      counter.name,
      'expected lines of a user and items, the file is empty',
      'Check the file',
    );
  }
}
