import { describe, expect, it } from 'vitest';
import { markdownText, printable, printableLine } from '../../src/cli/printable.ts';
import { markdownOf } from '../../src/cli/study/report/markdown.ts';

const ESC = String.fromCharCode(0x1b);

describe('text of others', () => {
  it('shows what a terminal would obey', () => {
    expect(printable(`a${ESC}[2Jb\rc${String.fromCharCode(0x9b)}d`)).toBe('a\\u001b[2Jb\\u000dc\\u009bd');
    expect(printable(`abc${String.fromCharCode(0x202e)}txt.exe`)).toBe('abc\\u202etxt.exe');
  });

  it('stays the same text in JSON, where a terminal obeys nothing', () => {
    const title = `a${ESC}[2J${String.fromCharCode(0x9b)}31m${String.fromCharCode(0x202e)}b\n"c"`;
    const document = printable(JSON.stringify({ title }, null, 2));
    expect(document).toMatch(/^[\n\x20-\x7e]*$/);
    expect(JSON.parse(document)).toEqual({ title });
  });

  it('keeps letters of all scripts, emoji with joiners, tabs and lines', () => {
    const text = '你好 ไทย café 👩\u200d👩\u200d👧 a\tb\nc';
    expect(printable(text)).toBe(text);
    expect(printableLine('a\tb\nc')).toBe('a b\\nc');
  });

  it('is no markup in a report', () => {
    expect(markdownText('x|y<img src=a>`z`\n# t [l](http://e.x)')).toBe(
      'x\\|y&lt;img src=a&gt;\\`z\\`\\\\n# t [l]\\(http://e.x)',
    );
    const table = { caption: '<b>', head: ['a|b'], rows: [['<script>']] };
    const report = markdownOf(
      't',
      ['<i>.csv'],
      [],
      [{ title: 's', notes: ['<u>'], tables: [table], charts: [] }],
    );
    expect(report).not.toMatch(/<(b|i|u|script)>/);
    expect(report).toContain('| a\\|b |');
  });
});
