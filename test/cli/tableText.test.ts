import { describe, expect, it } from 'vitest';
import { tableText } from '../../src/cli/tables.ts';

describe('a table', () => {
  const rows = [
    ['1', 'i1', 'A short title', '0.5'],
    ['2', 'i2', 'A title that takes many more columns than the others do', '12.25'],
  ];
  const head = ['', 'item', 'title', 'score'];

  it('has text to the left and numbers to the right, in columns of one width', () => {
    expect(
      tableText(
        ['name', 'n'],
        [
          ['a', '1'],
          ['bcdefg', '10'],
        ],
      ),
    ).toBe(
      [
        '┌────────┬────┐',
        '│ name   │  n │',
        '├────────┼────┤',
        '│ a      │  1 │',
        '│ bcdefg │ 10 │',
        '└────────┴────┘',
      ].join('\n'),
    );
  });

  it('gives characters of two columns their room, and shows a line break instead of breaking', () => {
    const lines = tableText(
      ['name', 'n'],
      [
        ['東京', '1'],
        ['a\nb', '2'],
      ],
    ).split('\n');
    expect(lines[3]).toBe('│ 東京 │ 1 │');
    expect(lines[4]).toBe('│ a\\nb │ 2 │');
    expect(lines).toHaveLength(6);
  });

  it('is cut to the terminal in its widest column of text, and never in a number', () => {
    const lines = tableText(head, rows, 3, 50).split('\n');
    expect(lines.map((line) => line.length)).toEqual(lines.map(() => 50));
    expect(lines[4]).toMatch(/│ A title that takes many mo…\s*│ 12\.25 │$/);
    expect(lines[3]).toContain('A short title');
    // However narrow the terminal, something is left to read.
    expect(tableText(head, rows, 3, 10)).toContain('A title tha…');
  });

  it('is whole where stdout is no terminal', () => {
    expect(tableText(head, rows, 3, undefined)).toContain('than the others do');
  });
});
