import { describe, expect, it } from 'vitest';
import { readInteractions } from '../../../src/data/readers/readInteractions.ts';

/** 2024-02-28 21:09:05 UTC, a Wednesday, the 59th day of the year. */
const TIME = Date.UTC(2024, 1, 28, 21, 9, 5) / 1000;
const MINUTE = TIME - 5;
const DAY = Date.UTC(2024, 1, 28) / 1000;

const read = (...times: string[]) =>
  readInteractions(`user,item,time\n${times.map((time, n) => `u,i${n},"${time}"\n`).join('')}`);

describe('times', () => {
  it.each([
    [TIME, '1709154545'],
    [TIME, '1709154545000'],
    [TIME, '1709154545000000'],
    [TIME, '1709154545000000000'],
    [TIME, '/Date(1709154545000)/'],
    [TIME, '20240228T210905Z'],
    [MINUTE, '20240228T2109'],
    [TIME, '20240228T220905+0100'],
    [TIME, '2024-02-28T22:09:05+01:00[Europe/Berlin]'],
    [TIME, 'Wed Feb 28 2024 22:09:05 GMT+0100 (Central European Standard Time)'],
    [TIME, 'Wed, 28 Feb 2024 21:09:05 GMT'],
    [MINUTE, 'Feb 28, 2024 9:09 PM'],
    [TIME, 'February 28, 2024 at 9:09:05 PM'],
    [TIME, '[28/Feb/2024:21:09:05 +0000]'],
    [TIME, '28-FEB-24 09.09.05.000000 PM'],
    [TIME + 0.123, '2024-02-28 21:09:05:123'],
    [TIME, '21:09:05 2024-02-28'],
    [TIME, "'2024-02-28 21:09:05'"],
    [TIME, '2024年2月28日 21:09:05'],
    [DAY, '2024년 2월 28일'],
    [DAY, '28 Feb 2024'],
    [DAY, '2024-Feb-28'],
    [DAY, '28. Februar 2024'],
    [DAY, '28 février 2024'],
    [DAY, '28 de febrero de 2024'],
    [DAY, '28 февраля 2024'],
    [DAY, '20240228'],
    [DAY, '2024-W09-3'],
    [DAY, '2024W093'],
    [DAY, '2024-059'],
    [Date.UTC(2024, 1, 26) / 1000, '2024-W09'],
    [Date.UTC(2024, 1, 1) / 1000, '2024-02'],
    [Date.UTC(2024, 1, 1) / 1000, '202402'],
    [Date.UTC(2024, 1, 1) / 1000, 'February 2024'],
    [Date.UTC(2024, 0, 1) / 1000, '2024'],
    [DAY, '45350'],
    [DAY + 76_140, '45350.88125'],
  ])('%d is written %s', async (seconds, text) => {
    const { interactions } = await read(text);
    expect(interactions.timestamps![0]).toBeCloseTo(seconds, 3);
  });

  it('of Excel are days since 1900, which is said', async () => {
    const { interactions, report } = await read('45292.5', '45293', '45294,25');
    expect([...interactions.timestamps!]).toEqual(
      [Date.UTC(2024, 0, 1, 12), Date.UTC(2024, 0, 2), Date.UTC(2024, 0, 3, 6)].map((time) => time / 1000),
    );
    expect(report.layout).toContain('in days since 1900');
  });

  it('count from a beginning of their own where they are no days of our time', async () => {
    const { interactions } = await read('10', '45000', '90000');
    expect([...interactions.timestamps!]).toEqual([10, 45_000, 90_000]);
  });

  it.each([
    ['03/02/2011', /order of day and month no other date tells: pass dateOrder \(--date-order\)/],
    ['2024-W54-1', /expected a date/],
    ['2023-366', /expected a date/],
    ['28 marraskuuta 2024', /expected a date/],
    ['1.30E+12', /has lost digits/],
    ['3 days ago', /expected a date/],
  ])('%s is no time', async (text, message) => {
    const { report } = await read(text);
    expect(report.unread[0].examples[0].reason).toMatch(message);
  });
});
