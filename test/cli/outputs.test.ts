import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { interactions } = smallShop();
const TRAIN = 'train --interactions ratings.csv --init xavier --dim 8 --epochs 3';
let cli: Cli;

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
});
afterAll(() => cli.remove());

describe('outputs', () => {
  it('are written when the reader of the progress has gone', () => {
    const { code } = cli.shell(`llminit ${TRAIN} --out kept.safetensors 2>&1 >/dev/null | true; exit 0`);
    expect(code).toBe(0);
    const waited = cli.shell(
      `{ llminit ${TRAIN} --out waited.safetensors; echo $? >code; } 2>&1 | true; cat code`,
    );
    expect(waited.stdout.trim()).toBe('0');
    expect(cli.has('waited.safetensors')).toBe(true);
  });

  it('never replace an input or each other', () => {
    const before = readFileSync(join(cli.folder, 'ratings.csv'));
    const cases: [string, RegExp][] = [
      [
        `${TRAIN} --out ratings.csv`,
        /--out: expected a file of its own, received ratings\.csv, which is --interactions too/,
      ],
      [`${TRAIN} --out ./ratings.csv`, /which is --interactions too/],
      [
        `${TRAIN} --out a.st --checkpoint a.st`,
        /--out: expected a file of its own, received a\.st, which is --checkpoint too/,
      ],
      [
        'evaluate --interactions ratings.csv --init xavier --results ratings.csv',
        /--results: expected a file of its own/,
      ],
    ];
    for (const [line, message] of cases) {
      const { code, stderr } = cli.run(...line.split(' '));
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    }
    expect(readFileSync(join(cli.folder, 'ratings.csv'))).toEqual(before);
  });

  it('never replace what any option or list names', () => {
    const train = 'train --interactions ratings.csv --model popularity';
    expect(cli.run(...`${train} --out m.st --save-config config.json --quiet`.split(' ')).code).toBe(0);
    cli.write('ids.csv', `${interactions[0][1]}\n`);
    cli.write('lines.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
    cli.write('edges.csv', 'item_id,title\na,b\n');
    const cases: [line: string, kept: string, message: RegExp][] = [
      ['recommend m.st --all --exclude @ids.csv --out ids.csv', 'ids.csv', /which is --exclude too/],
      ['recommend m.st --users @ids.csv --out ./ids.csv', 'ids.csv', /which is --users too/],
      ['train --config config.json --out config.json', 'config.json', /which is --config too/],
      ['train --config config.json --save-config config.json', 'config.json', /which is --config too/],
      [`${TRAIN} --epochs-of m.st --out m.st`, 'm.st', /which is --epochs-of too/],
      ['train --interactions l*.csv --model popularity --out lines.csv', 'lines.csv', /--interactions too/],
      [
        'augment --interactions ratings.csv --items edges.csv --parts edges --chat http://localhost:9/v1 --chat-model m --out .',
        'edges.csv',
        /--out: expected a file of its own, received edges\.csv, which is --items too/,
      ],
    ];
    for (const [line, kept, message] of cases) {
      const before = readFileSync(join(cli.folder, kept));
      const { code, stderr } = cli.run(...line.split(' '));
      expect({ line, code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
      expect(readFileSync(join(cli.folder, kept)), line).toEqual(before);
    }
    const line = 'train --interactions - --model popularity --out lines.csv <lines.csv';
    expect(cli.shell(`llminit ${line}`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/which is --interactions too/),
    });
  });

  it('are plain files', () => {
    const { code, stderr } = cli.run(...`${TRAIN} --out /dev/null`.split(' '));
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/received a device or a pipe/),
    });
  });

  it('that cannot be read back are refused: a damaged --results file', () => {
    cli.write('damaged.json', '{"format":"llminit-results","version":"1","runs":[1,null]}');
    const line = 'evaluate --interactions ratings.csv --init xavier --results damaged.json';
    const { code, stderr } = cli.run(...line.split(' '));
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/expected a run at position 0 of runs, received 1\. Name a new file/),
    });
  });

  it('of a study are not begun when an init cannot work', () => {
    const shop = smallShop();
    cli.write('products.csv', csv(['item_id', 'title', 'description'], shop.items));
    const line =
      'evaluate --interactions ratings.csv --items products.csv --seeds 0 --init xavier,pca --epochs 1';
    const { code, stderr } = cli.run(...`${line} --dim ${shop.items.length + 5}`.split(' '));
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/\[1\/2\]/);
  });

  it('do not depend on blank cells of columns that nobody uses', () => {
    cli.write(
      'blanks.csv',
      csv(
        ['user_id', 'item_id', 'rating', 'timestamp'],
        interactions.map(([u, i]) => [u, i, '', '']),
      ),
    );
    expect(cli.run(...TRAIN.replace('ratings', 'blanks').split(' '), '--out', 'b.st').code).toBe(0);
    const { code } = cli.run(
      ...TRAIN.replace('ratings', 'blanks').split(' '),
      '--out',
      'c.st',
      '--min-rating',
      '3',
    );
    expect(code).toBe(1);
  });
});
