import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { factorsFromNpz, factorsFromSafetensors } from '../../../src/exchange/factors/arrays.ts';
import { idLines, withIds } from '../../../src/exchange/factors/matrix.ts';
import { factorsFromTorch } from '../../../src/exchange/factors/torchCheckpoint.ts';
import { writeNpy } from '../../../src/format/npy.ts';
import { encodeSafetensors } from '../../../src/format/safetensors.ts';
import { encodeStrings } from '../../../src/format/stringTable.ts';
import { encodeModel } from '../../../src/serve.ts';
import { blendModel } from '../../serve/sampleModels.ts';

const items = Float32Array.from({ length: 6 }, (_, n) => n / 8);
const users = Float32Array.of(1, 2, 3, 4);

describe('factors in a file of both', () => {
  it('are found in safetensors, with ids where it has them', () => {
    const bytes = encodeSafetensors(
      {
        item_factors: { dtype: 'F32', shape: [3, 2], data: items },
        user_factors: { dtype: 'F64', shape: [2, 2], data: Float64Array.from(users) },
        ...encodeStrings('item_ids', ['a', 'b', 'c']),
      },
      {},
    );
    const found = factorsFromSafetensors(bytes, 'f.safetensors');
    expect(found.items).toMatchObject({ rows: 3, dim: 2, values: items, ids: ['a', 'b', 'c'] });
    expect(found.users).toMatchObject({ rows: 2, dim: 2, values: users, ids: null });
  });

  it('are not taken out of a model that ranks by more', () => {
    const bytes = encodeModel(blendModel());
    expect(() => factorsFromSafetensors(bytes, 'model.safetensors')).toThrow(
      /received a model that ranks by (rows\.|item_scores)/,
    );
  });

  it('are found in what implicit saves', async () => {
    const other = writeNpy(Float32Array.of(0.01), [1]);
    const bytes = zipSync({
      'user_factors.npy': writeNpy(users, [2, 2]),
      'item_factors.npy': writeNpy(items, [3, 2]),
      'regularization.npy': other,
    });
    const found = await factorsFromNpz(bytes, 'als.npz');
    expect([found.items.values, found.users?.values]).toEqual([items, users]);
    await expect(factorsFromNpz(bytes.subarray(0, 200), 'als.npz')).rejects.toThrow(/damaged or cut-off/);
    const none = zipSync({ 'weights.npy': other });
    await expect(factorsFromNpz(none, 'x.npz')).rejects.toThrow(
      /expected an array item_factors .*, received weights/,
    );
  });
});

describe('a checkpoint of RecBole', () => {
  const file = (name: string) =>
    new Uint8Array(readFileSync(new URL(`../../fixtures/torch/${name}.pth`, import.meta.url)));

  it('gives the rows of a model that ranks by them, transposed ones too', async () => {
    const found = await factorsFromTorch(file('bpr'), 'bpr.pth');
    expect(found.items).toMatchObject({
      rows: 5,
      dim: 3,
      values: Float32Array.from({ length: 15 }, (_, n) => n / 8),
    });
    // Saved as the transpose of 3 × 4.
    expect(Array.from(found.users!.values)).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11].map((n) => n / 4));
  });

  it('gives the propagated rows of a graph model, of 16 bits too, and refuses those before', async () => {
    const found = await factorsFromTorch(file('lightgcn'), 'lightgcn.pth');
    expect(found.items.values).toEqual(Float32Array.from({ length: 15 }, (_, n) => n / 4));
    expect(found.users!.values[1]).toBe(2);
    await expect(factorsFromTorch(file('unranked'), 'unranked.pth')).rejects.toThrow(
      /expected final rows of LightGCN, received its layer-0 rows/,
    );
  });

  it('is refused where it is damaged or none', async () => {
    await expect(factorsFromTorch(file('bpr').subarray(0, 900), 'x.pth')).rejects.toThrow(
      /x.pth: expected a file of torch.save/,
    );
    const bad = zipSync({ 'archive/data.pkl': Uint8Array.of(0x80, 2, 0x63, 1) });
    await expect(factorsFromTorch(bad, 'x.pth')).rejects.toThrow(
      /expected a pickle of tensors, received one that cannot be read/,
    );
    await expect(factorsFromTorch(zipSync({ a: items.slice(0, 1) as never }), 'x.pth')).rejects.toThrow(
      /with data.pkl, received a/,
    );
  });

  it('calls no function that its pickle names', async () => {
    // cos\nsystem\n(S'exit 1'\ntR. : os.system('exit 1')
    const pickle = new TextEncoder().encode("cos\nsystem\n(S'touch /tmp/called'\ntR.");
    const bytes = zipSync({ 'archive/data.pkl': pickle });
    await expect(factorsFromTorch(bytes, 'x.pth')).rejects.toThrow(
      /expected an array item_factors .*received no matrix/,
    );
  });
});

describe('ids of rows', () => {
  const matrix = { name: 'f.npy', rows: 3, dim: 2, values: items, ids: null };
  const listed = (...ids: string[]) => ({ ids, name: 'ids.txt' });

  it('are lines, and leave the padding of RecBole out', () => {
    expect(withIds(matrix, 'item', listed(...idLines('\uFEFFa\r\nb\r\nc\r\n')))).toEqual({
      ids: ['a', 'b', 'c'],
      dim: 2,
      values: items,
    });
    expect(withIds(matrix, 'item', listed('[PAD]', 'b', 'c'))).toEqual({
      ids: ['b', 'c'],
      dim: 2,
      values: items.subarray(2),
    });
  });

  it.each<[string[], RegExp]>([
    [
      ['a', 'b'],
      /ids.txt: expected 3 item ids, one for each row of f.npy, received 2. Where row 0 stands for nobody, as in RecBole, let the first id be \[PAD\]/,
    ],
    [['a', 'b', 'c', 'd'], /expected 3 item ids, one for each row of f.npy, received 4. Bring the ids/],
    [['a', 'b', 'a'], /expected unique item ids, received a in rows 0 and 2/],
    [['a', ' ', 'b'], /received a blank one in row 1/],
  ])('are refused in another number, twice or blank: %j', (ids, message) => {
    expect(() => withIds(matrix, 'item', listed(...ids))).toThrow(message);
  });

  it('have to be somewhere, and their rows finite', () => {
    expect(() => withIds(matrix, 'user', null)).toThrow(
      /expected user ids in the file or beside it, received none. .*--user-ids/,
    );
    const values = items.with(3, Number.NaN);
    expect(() => withIds({ ...matrix, values }, 'item', listed('a', 'b', 'c'))).toThrow(
      /received NaN for item b/,
    );
  });
});
