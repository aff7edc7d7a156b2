import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeBadFiles } from './badFiles.ts';
import { Cli } from './runCli.ts';

let cli: Cli;
let inputs: string[];

beforeAll(async () => {
  cli = await Cli.create();
  writeBadFiles(cli);
  inputs = cli.files();
});
afterEach(() => expect(cli.files()).toEqual(inputs));
afterAll(() => cli.remove());

const shop = '--interactions ratings.csv --items products.csv --dim 4 --epochs 1';
const vectors = '--interactions ratings.csv --dim 4 --epochs 1 --embedding-ids ids.txt --embedder';

/** command line (of `train` unless it says otherwise), exit code, message */
const cases: [what: string, line: string, code: number, message: RegExp][] = [
  [
    'a missing file',
    '--interactions gone.csv',
    1,
    /gone\.csv: expected a file that can be read, received a path that does not exist\. Check/,
  ],
  [
    'a missing file with the name of an option',
    '--interactions userColumn.csv',
    1,
    /^llminit: userColumn\.csv: expected a file that can be read, .* Check [^(]*\n$/,
  ],
  [
    'a missing catalogue',
    '--interactions ratings.csv --items gone.csv',
    1,
    /gone\.csv: expected a file .* does not exist/,
  ],
  [
    'an empty file',
    '--interactions empty.csv',
    1,
    /empty\.csv: expected a header line or rows, the file is empty\. Check the file/,
  ],
  [
    'a header without the needed column',
    '--interactions headless.csv',
    1,
    /expected a column for the user, found the columns "who", "item_id"\. Name it with userColumn \(--user-column\)/,
  ],
  [
    'a column that is not there',
    '--interactions ratings.csv --user-column who',
    1,
    /expected a column "who", found the columns "user_id"/,
  ],
  [
    'a rating that is no number',
    '--interactions badRating.csv --min-rating 3',
    1,
    /badRating\.csv:7: the rating is "good", expected a finite number\. Correct the line, or skip such lines with onBadLine "skip" \(--on-bad-line\)/,
  ],
  [
    'an item without text',
    '--interactions ratings.csv --items noText.csv',
    1,
    /noText\.csv: expected a text for each of 24 items, received none for 1 of them \(i7\)\. Add their texts, or pass --on-missing-text skip/,
  ],
  ['dim 0', `${shop} --dim 0`, 2, /--dim: expected an integer ≥ 1, received "0"/],
  [
    'a dim larger than the vectors',
    `${vectors} v.npy --init variance --dim 7`,
    2,
    /expected dim ≤ 6, the width of the embeddings, received 7\. Lower dim/,
  ],
  [
    'NaN in vectors',
    `${vectors} nan.npy`,
    1,
    /nan\.npy: expected finite vectors, received NaN for id i1, column 2/,
  ],
  [
    'Inf in vectors',
    `${vectors} inf.npy`,
    1,
    /inf\.npy: expected finite vectors, received Infinity for id i3, column 2/,
  ],
  [
    'vectors of another number than ids',
    `${vectors} v.npy --embedding-ids fewIds.txt`,
    1,
    /v\.npy: expected 23 rows, one per id of fewIds\.txt, received 24\. Pass the ids file/,
  ],
  [
    'nothing left after k-core',
    `${shop} --k-core 50`,
    1,
    /nothing is left of 40 users, 24 items and \d+ interactions with k = 50.*Lower k/,
  ],
  [
    'nothing left after the rating threshold',
    `${shop} --min-rating 6`,
    1,
    /all \d+ ratings are below minRating 6, the highest is 5\. Lower minRating \(--min-rating\)/,
  ],
  [
    'columns of a catalogue that is not there',
    '--interactions ratings.csv --init xavier --title-column title',
    2,
    /--title-column: expected --items beside it, received none\. Name the catalogue/,
  ],
  [
    'an embedder that no init reads',
    `${shop} --init xavier --embedder lexical`,
    2,
    /--embedder: expected an init or a model that reads vectors beside it, received none\. Leave it out/,
  ],
  [
    'a setting of vectors for a model of clicks alone',
    `${shop} --model ease --lexical-dim 8`,
    2,
    /--lexical-dim: expected an init or a model that reads vectors beside it/,
  ],
  [
    'an init that needs text, without any',
    '--interactions ratings.csv --init pca',
    2,
    /expected --items \(a catalogue\) or --embedder F\.npy .* received neither\. Pass one, or --init xavier/,
  ],
  ['an unknown init', `${shop} --init best`, 2, /--init: expected xavier \| random .*, received "best"/],
  [
    'an unknown format',
    '--interactions ratings.csv --format xml',
    2,
    /--format: expected .*csv \| .*received "xml"/,
  ],
  [
    'no interactions at all',
    '--items products.csv',
    2,
    /expected either --interactions or --train and --test, received neither/,
  ],
  [
    'interactions and a ready-made split',
    `${shop} --train ratings.csv --test ratings.csv`,
    2,
    /received both/,
  ],
  [
    'a k-core of a ready-made split',
    '--train ratings.csv --test ratings.csv --k-core 5',
    2,
    /--k-core: expected --interactions/,
  ],
  [
    'a split whose parts overlap',
    '--train ratings.csv --test ratings.csv',
    1,
    /user u0 and item i\d+ stand in train and in test/,
  ],
  [
    'vectors without their ids',
    '--interactions ratings.csv --embedder v.npy',
    2,
    /expected a file of ids beside a \.npy file.*--embedding-ids/,
  ],
  ['an unknown option', `${shop} --speed 3`, 2, /unknown option '--speed'/],
  [
    'layers of a model that has none',
    `${shop} --model bpr-mf --layers 2`,
    2,
    /expected layers to be 0 for bpr-mf, received 2\..* \(--layers\)/,
  ],
  [
    'too little memory',
    `${shop} --init xavier --max-memory 1`,
    1,
    /expected at most 1 MB of memory for the process, reading takes about \d+ MB\. .*\(--max-memory\)\n/,
  ],
  [
    'too little memory for the tables',
    `${shop} --init xavier --dim 32000 --max-memory 150`,
    1,
    /expected at most 150 MB of memory for the process, xavier takes about \d+ MB\. With dim \d+ it takes .*\(--max-memory\)\n/,
  ],
  [
    'too little memory for the tables and for threads',
    `${shop} --init xavier --dim 32000 --max-memory 150 --threads 2`,
    1,
    /expected at most 150 MB of memory for the process, xavier takes about \d+ MB\. With threads 1 and dim \d+ it takes /,
  ],
  ['--resume without a checkpoint', `${shop} --resume`, 2, /expected --checkpoint beside it/],
  [
    'a checkpoint that is not there',
    `${shop} --checkpoint gone.ckpt --resume`,
    1,
    /gone\.ckpt: expected a file that can be read/,
  ],
  [
    'a checkpoint that is a model',
    `${shop} --checkpoint model.safetensors --resume`,
    1,
    /expected a llminit-checkpoint of version 2/,
  ],
];

describe('bad input to train', () => {
  it.each(cases)('%s ends with one sentence and leaves no file', (_, line, code, message) => {
    const result = cli.run('train', ...line.split(' '), '--quiet', '--out', 'out.safetensors');
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toMatch(/^llminit: [^\n]+\n$/);
    expect(result).toMatchObject({ code, stdout: '' });
  });

  it.each([
    ['a folder as output', '.', /--out \.: expected a file that can be written, received a folder/],
    ['an output in a missing folder', 'gone/m', /received the missing folder gone\. Create the folder first/],
  ])('%s is refused before anything is read', (_, out, message) => {
    const result = cli.run('train', '--interactions', 'gone.csv', '--quiet', '--out', out);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(message);
  });
});

describe('bad input to other commands', () => {
  it.each<[string, string, number, RegExp]>([
    [
      'an unknown user',
      'recommend model.safetensors --user nobody',
      1,
      /--user: expected one of the model's 40 users, received "nobody"\. Its users are e\.g\. \S+, \S+, \S+\. For a new user pass --history\n/,
    ],
    [
      'an unknown item',
      'recommend model.safetensors --history i98,i99',
      1,
      /--history: expected at least one item of the model, received "i98", none that it knows\. Its items are e\.g\. i/,
    ],
    ['k 0', 'recommend model.safetensors --user u1 -k 0', 2, /-k: expected an integer ≥ 1, received "0"/],
    [
      'k below 0',
      'recommend model.safetensors --user u1 -k -3',
      2,
      /-k: expected an integer ≥ 1, received "-3"/,
    ],
    [
      'neither user nor history',
      'recommend model.safetensors',
      2,
      /expected either --user or --history.*, received neither/,
    ],
    ['a missing model', 'recommend gone --user u1', 1, /gone: expected a file that can be read/],
    ['a truncated model', 'inspect truncated.safetensors', 1, /truncated\.safetensors: expected .*received/],
    [
      'an edited model',
      'recommend edited.safetensors --user u1',
      1,
      /edited\.safetensors: expected checksum crc32:/,
    ],
    ['a file that is no model', 'inspect v.npy', 1, /v\.npy: expected/],
    ['an option without its value', 'train --seed', 2, /option '--seed <n>' argument missing/],
    [
      'an unknown seed',
      'evaluate --interactions ratings.csv --seeds 0,x',
      2,
      /--seeds: expected an integer ≥ 0, received "x"/,
    ],
    [
      'results that are no results',
      'evaluate --interactions ratings.csv --results ids.txt',
      1,
      /ids\.txt: expected finished runs/,
    ],
    ['an unknown command', 'guess', 2, /unknown command 'guess'/],
    ['an embedding of no catalogue', 'embed --out v.safetensors', 2, /expected --items, received none/],
  ])('%s ends with one sentence and leaves no file', (_, line, code, message) => {
    const result = cli.run(...line.split(' '));
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toMatch(/^llminit: [^\n]+\n$/);
    expect(result).toMatchObject({ code, stdout: '' });
  });
});
