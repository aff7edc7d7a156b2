import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { describeEmbedder } from '../../src/embed/registry.ts';
import { embeddingsFromTable } from '../../src/embed/tableVectors.ts';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, name = 'v') => embeddingsFromTable(bytes(text), name);

test.each([
  ['JSON lines', '{"id":"a","embedding":[1,2]}\n{"id":"b","embedding":[3,4]}\n'],
  [
    'JSON lines with more beside',
    '{"title":"A","vector":[1,2],"item_id":"a","tags":["x"]}\n{"title":"B","vector":[3,4],"item_id":"b","tags":[]}\n',
  ],
  ['CSV of lists', 'item_id,embedding\na,"[1, 2]"\nb,"[3, 4]"\n'],
  ['CSV of numbers parted by blanks', 'asin,vector\na,1 2\nb,3.0 4e0\n'],
  ['CSV with a column for each number', 'id,0,1\na,1,2\nb,3,4\n'],
  ['TSV', 'id\tx\ty\na\t1\t2\nb\t3\t4\n'],
])('%s give the vectors by id', async (_, text) => {
  const { ids, width, vectors, source } = await read(text, 'v.x');
  expect([ids, width, [...vectors], source]).toEqual([['a', 'b'], 2, [1, 2, 3, 4], 'v.x']);
});

test('a list column of Parquet gives the vectors by id', async () => {
  const file = parquetWriteBuffer({
    columnData: [
      { name: 'item_id', data: ['a', 'b'] },
      {
        name: 'embedding',
        data: [
          [1, 2],
          [3, 4.5],
        ],
      },
    ],
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'item_id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'embedding', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
    ],
  });
  const { ids, vectors } = await embeddingsFromTable(new Uint8Array(file), 'v.parquet');
  expect([ids, [...vectors]]).toEqual([
    ['a', 'b'],
    [1, 2, 3, 4.5],
  ]);
});

test('a bad row is an error that names its line', async () => {
  const lines = (second: string) => `{"id":"a","embedding":[1,2]}\n{"id":"b","embedding":${second}}\n`;
  await expect(read(lines('[3,"x"]'))).rejects.toThrow(
    /v:2: expected a number in column 1 of the vector, received "x"/,
  );
  await expect(read(lines('[3,null]'))).rejects.toThrow(DataError);
  await expect(read(lines('"none"'))).rejects.toThrow(/v:2: expected a list of numbers/);
  await expect(read(lines('[3]'))).rejects.toThrow(ShapeError);
  await expect(read('{"id":"a","embedding":[1]}\n{"id":"a","embedding":[2]}\n')).rejects.toThrow(
    /a at positions 0 and 1/,
  );
  await expect(read('{"embedding":[1]}\n{"embedding":[2]}\n')).rejects.toThrow(/expected a column of ids/);
});

test('an embedder is made of such a file as of any other', async () => {
  const readFile = async () => bytes('{"id":"a","embedding":[1,2]}\n{"id":"b","embedding":[3,4]}\n');
  const embedder = await describeEmbedder('v.jsonl').create('v.jsonl', {}, { readFile });
  expect(await embedder.embed(['', ''], { ids: ['b', 'z'] })).toEqual([Float32Array.of(3, 4), null]);
  expect(() => describeEmbedder('v.csv').check('v.csv', { embeddingIds: 'x' })).toThrow(OptionError);
});
