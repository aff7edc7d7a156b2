import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../package.json' with { type: 'json' };
import { decodeModel, type ModelData } from '../../src/index.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

interface Answer {
  readonly items: { rank: number; id: string; title: string | null; score: number }[];
}

const { interactions, items } = smallShop();
let cli: Cli;
let model: ModelData;

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
  const inputs = ['--interactions', 'ratings.csv', '--items', 'products.csv', '--dim', '8', '--epochs', '3'];
  cli.run('train', ...inputs, '--quiet', '--out', 'model.safetensors');
  model = decodeModel(cli.read('model.safetensors'), 'model');
});
afterAll(() => cli.remove());

describe('recommend', () => {
  it('returns every unseen item of a user, none that was seen, best first', () => {
    for (const user of ['u0', 'u17', 'u39']) {
      const bought = new Set(interactions.filter(([who]) => who === user).map(([, item]) => item));
      const found = cli.json<Answer>('recommend', 'model.safetensors', '--user', user, '-k', '24').items;
      expect(found.map(({ id }) => id).sort()).toEqual(model.itemIds.filter((id) => !bought.has(id)).sort());
      expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
    }
  });

  it('prints ranks, ids, titles and scores, and says when fewer are left than asked for', () => {
    const { stdout, stderr } = cli.run('recommend', 'model.safetensors', '--user', 'u0', '-k', '24');
    expect(stdout).toMatch(/│ 1 +│ i\d+ +│ The \w+, "\w+" edition \d+ +│ +-?\d+\.\d{4} │/);
    expect(stderr).toMatch(/^only \d+ of 24 items: no more are left\n$/);
  });

  it('recommends for a history without the items in it', () => {
    const { items: found } = cli.json<Answer>(
      'recommend',
      'model.safetensors',
      '--history',
      'i0,i3',
      '-k',
      '22',
    );
    expect(found).toHaveLength(22);
    expect(found.map(({ id }) => id)).not.toContain('i0');
    expect(found.map(({ id }) => id)).not.toContain('i3');
  });

  it('filters by the columns that training was told to keep', () => {
    const rows = items.map(([id, title, text], n) => [id, title, text, n % 2 ? 'odd' : 'even', `${n}.5`]);
    cli.write('priced.csv', csv(['item_id', 'title', 'description', 'kind', 'price'], rows));
    const inputs = ['--interactions', 'ratings.csv', '--items', 'priced.csv', '--model', 'popularity'];
    cli.run('train', ...inputs, '--keep', 'kind,price', '--quiet', '--out', 'kept.safetensors');
    const where = ['--where', "kind = 'even' and price < 8"];
    const answer = cli.json<Answer>('recommend', 'kept.safetensors', '--history', 'i20', ...where);
    expect(answer.items.map(({ id }) => id).sort()).toEqual(['i0', 'i2', 'i4', 'i6']);
  });

  it('answers a text where lexical vectors stand beside others', () => {
    cli.run('embed', '--items', 'products.csv', '--quiet', '--out', 'v.safetensors');
    const inputs = ['--interactions', 'ratings.csv', '--items', 'products.csv', '--model', 'text-only'];
    cli.run('train', ...inputs, '--embedder', 'v.safetensors,lexical', '--quiet', '--out', 'two.safetensors');
    const [id, title, text] = items[8];
    const found = cli.json<Answer>('recommend', 'two.safetensors', '--text', `${title} ${text}`).items;
    expect(found[0].id).toBe(id);
  });

  it('answers a text, and a history beside it', () => {
    const [id, title, text] = items[8];
    const asked = ['recommend', 'model.safetensors', '--text', `${title} ${text}`, '-k', '24'];
    const { items: found } = cli.json<Answer>(...asked);
    expect(found).toHaveLength(24);
    expect(found[0].id).toBe(id);
    const { items: others } = cli.json<Answer>(...asked, '--history', id);
    expect(others).toHaveLength(23);
    expect(others.map((item) => item.id)).not.toContain(id);
  });

  it('keeps to --only and away from --exclude', () => {
    const only = [
      'recommend',
      'model.safetensors',
      '--history',
      'i0',
      '--only',
      'i1,i2,i5',
      '--exclude',
      'i2',
    ];
    expect(
      cli
        .json<Answer>(...only)
        .items.map(({ id }) => id)
        .sort(),
    ).toEqual(['i1', 'i5']);
  });

  it('finds similar items, without the item itself', () => {
    const { items: found } = cli.json<Answer>('similar', 'model.safetensors', 'i6', '-k', '23');
    expect(found).toHaveLength(23);
    expect(found.map(({ id }) => id)).not.toContain('i6');
    for (const { score } of found) expect(Math.abs(score)).toBeLessThanOrEqual(1.000001);
  });
});

describe('inspect', () => {
  it('lists counts, options, results and every tensor of the file', () => {
    const about = cli.json<Record<string, unknown>>('inspect', 'model.safetensors');
    expect(about).toMatchObject({ format: 'llminit-model', users: 40, items: 24, dim: 8, titles: true });
    expect(about.checksum).toMatchObject({ state: 'verified' });
    expect(about.config).toEqual(model.config);
    expect(about.metrics).toEqual(model.metrics);
    expect(about.tensors).toContainEqual({ name: 'item_factors', dtype: 'F32', shape: [24, 8], bytes: 768 });
    const { stdout } = cli.run('inspect', 'model.safetensors');
    expect(stdout).toMatch(/│ user_factors +│ F32 +│ +40 × 8 │ +1280 │/);
    expect(stdout).toMatch(/regularization\.weight: 0\.00001/);
  });

  it('says whether a platform can serve the model', () => {
    const plan = cli.json<Record<string, unknown>>('inspect', 'model.safetensors', '--target', 'vercel-edge');
    expect(plan).toMatchObject({ target: 'vercel-edge', fits: true, remedy: null, items: 24, dim: 8 });
    expect(plan.gzippedBytes).toBeLessThan(plan.fileBytes as number);
    const { stdout } = cli.run('inspect', 'model.safetensors', '--target', 'cloudflare-free');
    expect(stdout).toMatch(/model\.safetensors on cloudflare-free: fits/);
    expect(stdout).toMatch(/│ {3}memory +│ +│ +15\.\d\d MB │ +134\.22 MB │/);
    // In KV, where the request pays for the opening.
    expect(stdout).toMatch(/│ {3}first request │ close +│ +6\.\d ms │ +10 ms │/);
    const refused = cli.run('inspect', 'model.safetensors', '--target', 'moon');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('cloudflare-free');
  });

  it('is quiet when the reader of its output has gone', () => {
    const { stderr } = cli.shell('llminit inspect model.safetensors | true');
    expect(stderr).toBe('');
  });
});

describe('llminit', () => {
  it('prints help with examples and its version', () => {
    expect(cli.run('--version').stdout).toBe(`${version}\n`);
    expect(cli.run('--help').stdout).toMatch(/Examples:\n +\$ llminit train/);
    expect(cli.run('train', '--help')).toMatchObject({ code: 0, stderr: '' });
  });
});
