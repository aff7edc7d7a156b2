import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { env } from '@xenova/transformers';

export type TinyModelKind = 'bert' | 'mpnet' | 'decoder' | 'clip-vision';

/** A folder of models by their names, and what removes it. */
export interface TinyModels {
  readonly folder: string;
  readonly remove: () => void;
}

/** Writes tiny models under these names into a temporary folder. */
export function writeTinyModels(kinds: Readonly<Record<string, TinyModelKind>>): TinyModels {
  const folder = mkdtempSync(join(tmpdir(), 'llminit-model-'));
  const script = fileURLToPath(new URL('../../scripts/make-tiny-model.mjs', import.meta.url));
  for (const [name, kind] of Object.entries(kinds))
    execFileSync(process.execPath, [script, join(folder, name), kind]);
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** Writes the model `tiny` and lets `@xenova/transformers` load models from its folder only. */
export function installTinyModel(kind: TinyModelKind = 'bert'): TinyModels {
  const models = writeTinyModels({ tiny: kind });
  env.allowRemoteModels = false;
  env.localModelPath = models.folder;
  return models;
}
