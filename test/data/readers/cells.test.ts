import { expect, it } from 'vitest';
import { cellNumber, cellText, isMissing } from '../../../src/data/readers/cells.ts';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';

it('NaN is a missing value, as a number and as a text', async () => {
  expect([isMissing(Number.NaN), cellText(Number.NaN), cellNumber(Number.NaN)]).toEqual([true, '', null]);
  expect([isMissing(0), cellText(0), cellText([Number.NaN, 1])]).toEqual([false, '0', ' 1']);
  const lines =
    "{u'item_id': 'a', 'title': nan, 'text': 'one'}\n{'item_id': 'b', 'title': 'B', 'text': 'two'}\n";
  const { catalogue } = await readCatalogue(lines, { name: 'x', format: 'python', titleColumn: 'title' });
  expect([...catalogue.ids]).toEqual(['a', 'b']);
});

it('a moment beyond the dates that there are is a text that is none', () => {
  expect(cellText(new Date(Number.NaN))).toBe('Invalid Date');
  expect(cellText(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
});
