import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  cli.write('clicks.csv', 'user_id,item_id\nu1,i1\n');
});
afterAll(() => cli.remove());

describe('llminit without a command', () => {
  it('explains the first steps, each a line that runs, and is bad usage', () => {
    const { code, stdout, stderr } = cli.run();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const steps = [...stderr.matchAll(/^ {2}\$ llminit (\w+)(.*)$/gm)].map(([, command]) => command);
    expect(steps).toEqual(['demo', 'train', 'recommend', 'recommend', 'new']);
    const help = cli.run('--help').stdout;
    for (const step of steps) expect(help).toMatch(new RegExp(`^ {2}${step}\\b`, 'm'));
  });
});

describe('what is printed', () => {
  it('has no colours, whatever the environment asks for', async () => {
    const environments: Record<string, string>[] = [{ NO_COLOR: '1' }, { FORCE_COLOR: '3', NO_COLOR: '' }];
    for (const environment of environments) {
      const help = await cli.answered(['train', '--help'], environment);
      const failure = await cli.answered(['trian'], environment);
      for (const text of [help.stdout, failure.stderr]) {
        expect(text.length).toBeGreaterThan(40);
        expect(text).not.toContain('\u001b');
      }
    }
  });
});

describe('a misspelled word', () => {
  const cases: [line: string, says: RegExp][] = [
    ['trian', /unknown command 'trian' \(Did you mean train\?\)/],
    ['train --interaction r.csv --out m', /unknown option '--interaction' \(Did you mean --interactions\?\)/],
    ['train --interactions r.csv --ot m', /unknown option '--ot' \(Did you mean --out\?\)/],
    ['recommend m --usr u1', /unknown option '--usr' \(Did you mean --user\?\)/],
    ['train --interactions r.csv --init xaver --out m', /--init: .*received "xaver"\. Did you mean xavier\?/],
    ['train --interactions r.csv --model lightgnc --out m', /--model: .*Did you mean lightgcn\?/],
    ['train --interactions r.csv --split tme --out m', /--split: .*Did you mean time\?/],
    ['evaluate --interactions r.csv --baselines eas', /--baselines: .*Did you mean ease\?/],
    ['reproduce tabel1 --dataset amazon-office', /reproduce: .*Did you mean table1\?/],
    ['reproduce table1 --dataset amazon-ofice', /--dataset: .*Did you mean amazon-office\?/],
    ['train --interactions r.csv', /required option '--out <file>' not specified/],
  ];
  for (const [line, says] of cases) {
    it(`is answered with the one that was meant: llminit ${line}`, () => {
      const { code, stdout, stderr } = cli.run(...line.split(' '));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(says);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    });
  }
});

describe('a misspelled column', () => {
  it('is answered with the one that was meant, and with those that are there', () => {
    const line = 'train --interactions clicks.csv --user-column usr_id --out m --quiet';
    const { code, stderr } = cli.run(...line.split(' '));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /"usr_id", found the columns "user_id", "item_id"\. Did you mean user_id\? \(--user-column\)/,
    );
  });
});

describe('the command lines of the README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const lines = [...readme.matchAll(/^llminit (\w+) (.*?)( +#.*)?$/gm)];

  it('name commands and options that exist', () => {
    expect(lines.length).toBeGreaterThan(8);
    for (const [line, command, rest] of lines) {
      const { code, stdout: help } = cli.run(command, '--help');
      expect(code, line).toBe(0);
      const options = rest.match(/(?<= |^)--?[a-z][\w-]*/g) ?? [];
      expect(
        options.filter((option) => !new RegExp(`(^|[ ,])${option}\\b`, 'm').test(help)),
        line,
      ).toEqual([]);
    }
  });
});

describe('demo', () => {
  it('makes up a shop, trains on it and recommends, and says which lines do so', () => {
    const { code, stdout } = cli.run('demo');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^SYNTHETIC data: 900 invented products/);
    const lines = [...stdout.matchAll(/^\$ llminit (.*)$/gm)].map(([, line]) => line);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['train', 'recommend', 'recommend']);
    expect(stdout).toMatch(/customer1 has bought:\n( {2}P\d{4} \w.*\n)+/);
    // The lines run as they stand, and print what the demo printed.
    expect(stdout).toContain(cli.run(...lines[2].split(' ')).stdout);
    // Someone who likes coffee gets coffee.
    const products = new TextDecoder().decode(cli.read('llminit-demo/products.csv'));
    const last = stdout.slice(stdout.lastIndexOf('$ llminit'));
    const found = [...last.matchAll(/│ (P\d{4}) │/g)].map(([, id]) => id);
    expect(found).toHaveLength(5);
    const themes = found.map((id) => new RegExp(`^${id},.* for (\\w+) at home`, 'm').exec(products)?.[1]);
    expect(themes.filter((theme) => theme === 'coffee').length).toBeGreaterThanOrEqual(4);
  });

  it('leaves a folder alone that is not its own', () => {
    cli.write('mine.txt', 'mine');
    const { code, stderr } = cli.run('demo', '--out', '.');
    expect(code).toBe(2);
    expect(stderr).toMatch(/expected a new folder or one of a demo, received \., which holds \S+/);
    expect(cli.files()).toEqual(['clicks.csv', 'llminit-demo', 'mine.txt']);
  });
});
