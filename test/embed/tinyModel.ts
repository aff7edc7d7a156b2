import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { env } from '@xenova/transformers';

/** Writes the model `tiny` into a temporary folder and lets transformers.js load models from there only. */
export function installTinyModel(): { remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'llminit-model-'));
  const script = fileURLToPath(new URL('../../scripts/make-tiny-model.mjs', import.meta.url));
  execFileSync(process.execPath, [script, join(folder, 'tiny')]);
  env.allowRemoteModels = false;
  env.localModelPath = folder;
  return { remove: () => rmSync(folder, { recursive: true }) };
}
