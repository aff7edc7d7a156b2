import { describe, expect, it } from 'vitest';
import type { OwnFormat } from '../../../src/data/readers/ownFormat.ts';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { readInteractions } from '../../../src/data/readers/readInteractions.ts';

/** A log: `ann likes x at 5`, one a line, blank ones between. */
const LOG: OwnFormat = {
  name: 'log',
  async *rows(lines) {
    for await (const line of lines) {
      const [user, verb, item, , time] = line.split(' ');
      if (line !== '') yield verb === 'likes' ? { user, item, timestamp: Number(time) } : line;
    }
  },
};
const TEXT = 'ann likes x at 5\n\nbob likes y at 6\r\nann likes y at 7\n';

describe('a format of the caller’s own', () => {
  it('gives interactions with their times', async () => {
    const { interactions, report } = await readInteractions(TEXT, { format: LOG });
    expect(interactions.userIds).toEqual(['ann', 'bob']);
    expect([...interactions.timestamps!]).toEqual([5, 6, 7]);
    expect(report.layout).toMatch(/^log; /);
    expect(report.lines).toBe(3);
  });

  it('gives a catalogue', async () => {
    const words: OwnFormat = {
      name: 'words',
      async *rows(lines) {
        for await (const line of lines) yield { id: line.slice(0, 1), text: line.slice(2) };
      },
    };
    const { catalogue } = await readCatalogue('a red pen\nb blue pen', { format: words });
    expect(catalogue.texts).toEqual(['red pen', 'blue pen']);
  });

  it('names the line of a row that is none', async () => {
    const text = `${TEXT}cid hates x at 8\n`;
    await expect(readInteractions(text, { format: LOG, name: 'a.log' })).rejects.toThrow(
      /a\.log:5: .*object/,
    );
    const { report } = await readInteractions(text, { format: LOG, onBadLine: 'skip' });
    expect(report.badLineCount).toBe(1);
  });

  it('passes its own errors on, and is refused where it gives no rows', async () => {
    const broken = {
      name: 'broken',
      rows() {
        throw new Error('of its own');
      },
    };
    await expect(readInteractions(TEXT, { format: broken as never })).rejects.toThrow('of its own');
    for (const format of [{ name: 'none', rows: () => 3 }, { name: 'none' }, { rows: LOG.rows }, 'lgo'])
      await expect(readInteractions(TEXT, { format: format as never })).rejects.toMatchObject({
        code: 'ERR_LLMINIT_OPTION',
        option: 'format',
      });
  });
});
