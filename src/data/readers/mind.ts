import { eachLine, textOf } from './blocks.ts';
import type { Sample } from './dialect.ts';
import type { FormatInput } from './formats.ts';

const WIDTH = 5;
const IMPRESSIONS = /^N\d+(-[01])?( N\d+(-[01])?)*$/;
const HISTORY = /^(N\d+( N\d+)*)?$/;

/** Whether lines are impressions of the news data set MIND: number, user, time, history, what was shown. */
export function isMind({ lines }: Sample): boolean {
  return lines.every((line) => {
    const cells = line.split('\t');
    return cells.length === WIDTH && HISTORY.test(cells[3]) && IMPRESSIONS.test(cells[4]);
  });
}

/**
 * Reads `behaviors.tsv` of MIND (Wu et al., ACL 2020). What a user had read before an impression counts as clicked, once
 * a user, at the time of the first impression, since it has none of its own; of what an impression shows, `-1` is
 * clicked and `-0` is not. News that was shown without saying which is no interaction.
 */
export async function readMind({ blocks, sink, counter }: FormatInput): Promise<string> {
  const names = ['user', 'item', 'clicked', 'time'];
  const sample = [['U1', 'N1', '1', '11/30/2019 9:05:58 AM']];
  sink.columns({ name: counter.name, names, hasHeader: true, sample, decimalComma: false }, null, true);
  /** what each user is known to have read */
  const read = new Map<string, Set<string>>();
  for await (const block of blocks) {
    eachLine(textOf(block, counter.name), (text, index) => {
      if (text.trim() === '') return;
      const line = block.line + index;
      counter.report.lines++;
      const [, user = '', time, history = '', shown = '', ...more] = text.split('\t');
      if (more.length > 0 || !HISTORY.test(history) || !IMPRESSIONS.test(shown)) {
        const problem = 'expected impression, user, time, history and news such as N1-0 between tabs';
        counter.bad(line, problem, 'no impression');
        return;
      }
      const known = read.get(user) ?? new Set();
      read.set(user, known);
      for (const item of history.split(' ')) {
        if (item === '' || known.has(item)) continue;
        known.add(item);
        sink.row([user, item, '1', time], line);
      }
      for (const part of shown.split(' ')) {
        const [item, clicked] = part.split('-');
        // Shown again after it was read, it is still read.
        if (clicked !== undefined && !(clicked === '0' && known.has(item)))
          sink.row([user, item, clicked, time], line);
        if (clicked === '1') known.add(item);
      }
    });
  }
  counter.note('what a user had read before an impression counts as clicked at its time');
  return 'impressions of MIND, a line an impression with the history of its user';
}
