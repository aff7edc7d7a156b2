import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOutputs } from '../../src/cli/outputFile.ts';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'llminit-outputs-')));
  mkdirSync(at('data'));
  mkdirSync(at('model'));
  for (const file of ['data/a.csv', 'data/b.csv', 'model/config.json']) writeFileSync(at(file), file);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Refused as the same file as the input `--items`, which is data/a.csv. */
async function expectRefused(out: string): Promise<void> {
  const inputs = { files: { '--interactions': at('data/b.csv'), '--items': at('data/a.csv') } };
  await expect(checkOutputs({ '--out': out }, inputs), out).rejects.toThrow(
    /--out: expected a file of its own, received .*, which is --items too/,
  );
}

describe('an output', () => {
  it('is no input, by whatever path', async () => {
    symlinkSync(at('data'), at('linked'));
    symlinkSync(at('data/a.csv'), at('link.csv'));
    symlinkSync(at('link.csv'), at('linkOfLink.csv'));
    linkSync(at('data/a.csv'), at('hard.csv'));
    await expectRefused(at('data/a.csv'));
    await expectRefused(`${folder}//data/./a.csv`);
    await expectRefused(`${folder}/model/../data/a.csv`);
    await expectRefused(relative(process.cwd(), at('data/a.csv')));
    await expectRefused(at('linked/a.csv'));
    await expectRefused(at('link.csv'));
    await expectRefused(at('linkOfLink.csv'));
    await expectRefused(at('hard.csv'));
  });

  it('is no input of several that one flag names', async () => {
    const inputs = { files: { '--embedder': [at('data/b.csv'), at('data/a.csv')] } };
    await expect(checkOutputs({ '--out': at('data/a.csv') }, inputs)).rejects.toThrow(
      'which is --embedder too',
    );
    await expect(checkOutputs({ '--out': at('data/b.csv') }, inputs)).rejects.toThrow(
      'which is --embedder too',
    );
  });

  it('is no other output, though neither is there yet', async () => {
    symlinkSync(at('data'), at('linked'));
    const outputs = { '--out': at('data/new'), '--checkpoint': at('linked/../linked/new') };
    await expect(checkOutputs(outputs)).rejects.toThrow('--checkpoint: expected a file of its own');
    await expect(checkOutputs({ '--out': [at('data/new'), at('data/new')] })).rejects.toThrow(
      'which is --out too',
    );
  });

  it('replaces no file of a folder that is read, but may be a new one there', async () => {
    symlinkSync(at('model'), at('linked'));
    const inputs = { folders: { '--model-folder': at('linked') } };
    await expect(checkOutputs({ '--out': at('model/config.json') }, inputs)).rejects.toThrow(
      'which is --model-folder too',
    );
    await checkOutputs({ '--out': at('model/new.safetensors') }, inputs);
    await checkOutputs({ '--out': at('data/b.csv') }, inputs);
  });

  it('may replace what is no input, and be left out', async () => {
    const inputs = { files: { '--items': at('data/a.csv'), '--train': undefined } };
    await checkOutputs({ '--out': at('data/b.csv'), '--checkpoint': undefined }, inputs);
    await checkOutputs({ '--out': at('data/new') }, { files: { '--items': at('gone.csv') } });
  });

  it('is a file in a folder that is there', async () => {
    await expect(checkOutputs({ '--out': at('data') })).rejects.toThrow(
      /received a folder\. Name a file in it/,
    );
    await expect(checkOutputs({ '--out': at('gone/m') })).rejects.toThrow(/received the missing folder/);
    await expect(checkOutputs({ '--out': '/dev/null' })).rejects.toThrow(/received a device or a pipe/);
    for (const name of ['', `${at('new')}/`])
      await expect(checkOutputs({ '--out': name }), name).rejects.toThrow(/received a folder/);
    await expect(checkOutputs({ '--out': at('x'.repeat(300)) })).rejects.toThrow(/a name that is too long/);
    symlinkSync(at('loop'), at('loop'));
    await expect(checkOutputs({ '--out': at('loop') })).rejects.toThrow(/a link that leads to itself/);
  });

  it('is no file that a pattern or an archive names', async () => {
    writeFileSync(at('data/z.zip'), 'archive');
    const files = { '--interactions': [at('data/*.csv'), at('data/z.zip/a.csv')] };
    for (const name of ['data/a.csv', 'data/b.csv', 'data/z.zip'])
      await expect(checkOutputs({ '--out': at(name) }, { files }), name).rejects.toThrow(
        'which is --interactions too',
      );
    await checkOutputs({ '--out': at('data/new.csv') }, { files });
  });
});
