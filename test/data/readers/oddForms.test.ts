import { describe, expect, it } from 'vitest';
import {
  type ReadInteractionsOptions,
  readInteractions,
} from '../../../src/data/readers/readInteractions.ts';
import { lines, ROWS } from './publicForms.ts';

const read = (text: string, options: Partial<ReadInteractionsOptions> = {}) =>
  readInteractions(text, { name: 'file', ...options });
const noteOf = async (text: string) => (await read(text)).report.notes.map((note) => note.text).join('\n');

describe('a file without a header', () => {
  it.each([
    ['words before the numbers of users', lines((r) => `${r.item},user${r.user}`)],
    ['words before the numbers of items', lines((r) => `item_${r.item},${r.user}`)],
    ['addresses of people', lines((r) => `${r.item},p${r.user}@example.org`)],
    ['addresses of pages', lines((r) => `https://example.org/${r.item},${r.user}`)],
    ['hashes of people', lines((r) => `${r.item},${String(r.user).padStart(32, '0abc')}`)],
  ])('has items first where %s tell', async (_, text) => {
    const { interactions, report } = await read(text);
    expect([interactions.numUsers, interactions.numItems]).toEqual([60, 40]);
    expect(report.layout).toContain('user column 2, item column 1');
    expect(report.notes).toEqual([]);
  });

  it('says that users and items may be the other way round where nothing tells', async () => {
    const { report } = await read(lines((r) => `${r.item},${r.user}`));
    expect(report.notes[0]).toMatchObject({ option: 'userColumn' });
    expect(report.notes[0].text).toMatch(/column 1 is taken for users.*column 2 for items/);
  });

  it('has no such doubt where columns are named by the caller', async () => {
    const { report } = await read(
      lines((r) => `${r.item},${r.user}`),
      { userColumn: 2, itemColumn: 1 },
    );
    expect(report.notes).toEqual([]);
  });
});

describe('a second line of names', () => {
  const rows = lines((r) => `${r.user},${r.item},${r.rating}`);

  it.each([
    ['roles and a range', 'id,id,1-5'],
    ['types', 'string,string,float'],
    ['types of SQL', 'varchar(20),bigint,numeric(3, 1)'],
    ['strokes', '-------,-------,------'],
  ])('of %s is no row', async (_, second) => {
    const { interactions, report } = await read(`user_id,item_id,rating\n${second}\n${rows}`);
    expect([interactions.length, interactions.numUsers, report.unread.length]).toEqual([540, 60, 0]);
    expect(report.notes[0].text).toContain(`line 2 is a second header, not a row: "${second}"`);
  });

  it('is a row where a single value of it cannot be read', async () => {
    const { interactions, report } = await read(`user_id,item_id,rating\n1,2,good\n${rows}`);
    expect(report.lines).toBe(541);
    expect(report.unread[0].count).toBe(1);
    expect(interactions.numUsers).toBe(60);
  });

  it.each([
    ['-1,-2,-3', rows],
    ['0,1,2', lines((r) => `u${r.user},i${r.item},${r.rating}`)],
    ['0,1,2,3', lines((r) => `${r.user},${r.item},${r.rating},${r.time}`)],
  ])('of the numbers of the columns, %s, is no row', async (first, text) => {
    const { interactions, report } = await read(`${first}\n${text}`);
    expect([interactions.length, interactions.numUsers]).toEqual([540, 60]);
    expect(report.notes[0].text).toContain(`line 1 is the numbers of the columns, not a row: "${first}"`);
  });

  it('is a row where 0, 1, 2 may be one', async () => {
    expect((await read(`0,1,2\n${rows}`)).report.lines).toBe(541);
  });
});

it.each([
  ['with a header', '"user_id,item_id,rating"\r\n', '\r\n'],
  ['without one', '', '\n'],
])('lines that stand in quotes as a whole are read, %s', async (_, header, end) => {
  const text = ROWS.map((r) => `"${r.user},""${r.item}"",${r.rating}"${end}`).join('');
  const { interactions, report } = await read(header + text, { userColumn: 1, itemColumn: 2 });
  expect([interactions.length, interactions.numUsers, interactions.numItems]).toEqual([540, 60, 40]);
  expect(interactions.feedback).toMatchObject({ kind: 'rating', least: 1, most: 5 });
  expect(report.notes[0].text).toContain('each line as a whole stands in quotes');
});

describe('99 in a column of ratings', () => {
  const jester = (named: string) =>
    `user,joke,${named}\n${lines((r) => `${r.user},${r.item},${r.item % 7 === 0 ? 99 : r.rating / 2 - 1.25}`)}`;
  const rated = ROWS.filter((r) => r.item % 7 !== 0).length;

  it('is no rating where all others are between −10 and 10, and such rows are no interactions', async () => {
    const { interactions, report } = await read(jester('rating'));
    expect(interactions.length).toBe(rated);
    expect(interactions.feedback).toMatchObject({ absent: 540 - rated, least: -0.75, most: 1.25 });
    expect(report.notes.map(({ text }) => text).join()).toContain(`${540 - rated} rows have 99`);
  });

  it('is a number of plays where the column is one', async () => {
    const { interactions } = await read(
      `user,item,plays\n${lines((r) => `${r.user},${r.item},${r.item % 7 === 0 ? 99 : r.rating}`)}`,
    );
    expect(interactions.feedback).toMatchObject({ kind: 'count', absent: 0, most: 99 });
    expect(interactions.length).toBe(540);
  });

  it.each([
    ['per cent', '%'],
    ['a unit', ' h'],
    ['parts of 100', '/100'],
  ])('is a number with %s beside it', async (_, unit) => {
    const { interactions } = await read(
      `user,item,rating\n${lines((r) => `${r.user},${r.item},${r.item % 7 === 0 ? 99 : r.rating}${unit}`)}`,
    );
    expect(interactions.feedback).toMatchObject({ absent: 0, least: 1, most: 99 });
    expect(interactions.length).toBe(540);
  });

  it('is a rating beside ratings up to 100', async () => {
    const { interactions } = await read(
      `user,item,rating\n${lines((r) => `${r.user},${r.item},${r.item % 7 === 0 ? 99 : 20 * r.rating}`)}`,
    );
    expect(interactions.feedback).toMatchObject({ absent: 0, most: 100 });
  });
});

describe('a time in several columns', () => {
  const at = (time: string) => Date.parse(`${time}Z`) / 1000;
  it.each([
    ['year, month and day', 'year,month,day', '2011,3,07', at('2011-03-07')],
    ['parts of an occasion', 'order_year,order_month,order_day', '2011,Mar,7', at('2011-03-07')],
    ['hours and minutes, too', 'Year,Month,Day,Hour,Minute', '2011,3,7,9,5', at('2011-03-07T09:05')],
    ['numbers that pandas made fractions', 'year,month,day', '2011.0,3.0,7.0', at('2011-03-07')],
    ['year and month', 'year,month', '2011,3', at('2011-03-01')],
    ['year and week', 'year,week', '2011,10', at('2011-03-07')],
    ['a date and a time of day', 'date,time', '2011-03-07,09:05:30', at('2011-03-07T09:05:30')],
    ['the same in the other order', 'time,date', '9:05 PM,03/13/2011', at('2011-03-13T21:05')],
    ['an ISO week', 'week', '2011-W10', at('2011-03-07')],
  ])('is read: %s', async (_, names, cells, seconds) => {
    const { interactions } = await read(
      `user,item,${names}\n${lines((r) => `${r.user},${r.item},${cells}`)}`,
    );
    expect(interactions.timestamps?.[7]).toBe(seconds);
  });

  it('is told without a header by times of day beside dates', async () => {
    const text = lines((r) => `2011-03-07,09:05:30,u${r.user},i${r.item}`);
    const { interactions, report } = await read(text);
    expect(report.layout).toContain('user column 3, item column 4, time column 1, column 2');
    expect(interactions.timestamps?.[0]).toBe(at('2011-03-07T09:05:30'));
  });

  it.each([
    ['a whole time beside them', 'year,month,day,timestamp', '1999,3,7,1300000000', 1_300_000_000],
    ['a length beside a date', 'date,length', '2011-03-07,4:35', at('2011-03-07')],
  ])('leaves %s alone', async (_, names, cells, seconds) => {
    const { interactions } = await read(
      `user,item,${names}\n${lines((r) => `${r.user},${r.item},${cells}`)}`,
    );
    expect(interactions.timestamps?.[0]).toBe(seconds);
  });

  it('does not take a bare number of a week for a time', async () => {
    const { interactions } = await read(`user,item,week\n${lines((r) => `${r.user},${r.item},${r.item}`)}`);
    expect(interactions.timestamps).toBeNull();
  });
});

it('notes rows without a time, which an order by time refuses', async () => {
  const text = `user,item,timestamp\n${lines((r) => `${r.user},${r.item},${r.item === 7 ? '' : r.time}`)}`;
  expect(await noteOf(text)).toMatch(/^\d+ rows have no time; an order by time/m);
});
