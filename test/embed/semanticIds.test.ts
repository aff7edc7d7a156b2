import { describe, expect, it } from 'vitest';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { semanticIds } from '../../src/embed/semanticIds.ts';
import { load } from '../../src/runtime/load.ts';
import { randomValues } from '../kernels/harness.ts';

const runtime = await load();
const WIDTH = 5;

/** Items in 4 groups far apart, each of 4 subgroups nearer to each other, with a little noise. */
function grouped(count: number, noise = 0.01) {
  const [groups, parts] = [1, 2].map((round) => randomValues(64 * WIDTH, round));
  const far = randomValues(count * WIDTH, 4);
  const vectors = Float32Array.from({ length: count * WIDTH }, (_, n) => {
    const [item, k] = [Math.floor(n / WIDTH), n % WIDTH];
    const [group, part] = [item % 4, (item >> 2) % 4];
    return 20 * groups[group * WIDTH + k] + 3 * parts[(4 * group + part) * WIDTH + k] + noise * far[n];
  });
  return new Embeddings({
    ids: Array.from({ length: count }, (_, n) => `i${n}`),
    width: WIDTH,
    vectors,
    source: 'test',
  });
}

describe('semantic ids', () => {
  it('give items of a group a prefix of their own, from the coarsest level on', async () => {
    const ids = await semanticIds(grouped(160), { levels: 2, size: 4, runtime });
    const firstOf = (item: number) => ids.codesOf(`i${item}`)[0];
    const groups = [0, 1, 2, 3].map(firstOf);
    expect(new Set(groups).size).toBe(4);
    for (let item = 0; item < 160; item++) expect(firstOf(item)).toBe(groups[item % 4]);
    expect(ids.report.map(({ used }) => used)).toEqual([4, 4]);
    expect(ids.report[0].entropy).toBeCloseTo(2, 6);
    expect(ids.report[1].left).toBeLessThan(ids.report[0].left);
  });

  it('are told apart by one code more where all levels are equal, in the order of the items', async () => {
    const ids = await semanticIds(grouped(64, 0), { levels: 2, size: 16, runtime });
    const seen = new Set<string>();
    for (const id of ids.ids) seen.add(ids.codesOf(id).join(' '));
    expect(seen.size).toBe(64);
    // Sixteen different vectors, each of four items.
    expect(ids.collisions).toEqual({ items: 64, largest: 4 });
    expect([0, 16, 32, 48].map((item) => ids.codesOf(`i${item}`)[2])).toEqual([0, 1, 2, 3]);
    expect(ids.report[0]).toMatchObject({ size: 16, used: 16 });
    expect(ids.report[0].left).toBeLessThan(1e-9);
  });

  it('are the same bytes for the same seed, and of new vectors those of the items that have them', async () => {
    const embeddings = grouped(200, 1);
    const options = { levels: 3, size: 8, runtime };
    const [first, again, other] = [
      await semanticIds(embeddings, options),
      await semanticIds(embeddings, options),
      await semanticIds(embeddings, { ...options, seed: 7 }),
    ];
    expect(again.codes).toEqual(first.codes);
    expect(again.codebooks).toEqual(first.codebooks);
    expect(other.codes).not.toEqual(first.codes);
    const codes = first.encode(embeddings.vectors);
    for (let item = 0; item < 200; item++)
      expect(codes.slice(3 * item, 3 * item + 3)).toEqual(first.codesOf(`i${item}`).slice(0, 3));
  });

  it('approximate vectors by the sum of their codes’ rows, as far as the report says', async () => {
    const embeddings = grouped(100, 2);
    const ids = await semanticIds(embeddings, { size: 12, runtime });
    let [error, whole] = [0, 0];
    for (const [n, id] of ids.ids.entries()) {
      const codes = ids.codesOf(id);
      for (let k = 0; k < WIDTH; k++) {
        const value = embeddings.vectors[n * WIDTH + k];
        const sum = ids.codebooks.reduce((total, rows, level) => total + rows[codes[level] * WIDTH + k], 0);
        error += (value - sum) ** 2;
        whole += value ** 2;
      }
    }
    expect(error / whole).toBeCloseTo(ids.report[2].left, 6);
    expect(ids.report.every(({ used, size }) => used === size)).toBe(true);
  });

  it('of fewer items than codes, of equal ones and of one item are codes still', async () => {
    const one = await semanticIds(grouped(1), { runtime });
    expect([...one.codes]).toEqual([0, 0, 0, 0]);
    const few = await semanticIds(grouped(3), { runtime });
    expect(few.report[0].used).toBe(3);
    const vectors = new Float32Array(4 * WIDTH).fill(1);
    const equal = await semanticIds(
      new Embeddings({ ids: ['a', 'b', 'c', 'd'], width: WIDTH, vectors, source: 'test' }),
      { runtime },
    );
    expect(equal.collisions).toEqual({ items: 4, largest: 4 });
    expect(equal.report[0].entropy).toBe(0);
  });

  it('refuse what does not fit, and stop when told', async () => {
    const embeddings = grouped(20);
    for (const options of [{ levels: 0 }, { size: 1 }, { iterations: 0.5 }, { seed: -1 }, { level: 2 }])
      await expect(semanticIds(embeddings, options as never)).rejects.toThrow(/semanticIds/);
    const ids = await semanticIds(embeddings, { size: 4, runtime });
    expect(() => ids.codesOf('x')).toThrow(/received x/);
    expect(() => ids.encode(new Float32Array(3))).toThrow(/rows of 5/);
    expect(() => ids.encode(new Float32Array(5).fill(Number.NaN))).toThrow(/finite/);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(semanticIds(embeddings, { runtime, signal })).rejects.toThrow('enough');
  });
});
