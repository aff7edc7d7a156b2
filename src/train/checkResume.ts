import { DataError } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { canonicalJson } from '../format/json.ts';
import type { ModelState } from '../models/parameters/parameters.ts';
import type { Checkpoint } from './checkpoint.ts';

/**
 * Makes sure, before anything is overwritten, that a checkpoint's tables are those of the run that resumes.
 * @param own the tables that the run holds now
 * @param parameters how many numbers it trains
 * @param batches batches of an epoch
 * @throws {DataError} naming the table that is missing, too many, of another shape, or not finite
 */
export function checkTables(
  { model, best, epoch, batch, steps }: Checkpoint,
  own: ModelState,
  parameters: number,
  batches: number,
): void {
  const shape = (table: ModelState[string] | undefined) =>
    table && table.values.length === table.rows * table.dim ? `${table.rows} × ${table.dim}` : 'none';
  for (const name of new Set([...Object.keys(own), ...Object.keys(model)])) {
    const [found, wanted] = [model[name], own[name]].map(shape);
    if (found !== wanted) unfit(`table ${name} of ${wanted}`, found);
    const at = firstNonFinite(model[name].values);
    if (at >= 0) unfit(`finite numbers in table ${name}`, `${model[name].values[at]}`);
  }
  if (best && best.parameters.length !== parameters) {
    unfit(`${parameters} best parameters`, `${best.parameters.length}`);
  }
  if (best && firstNonFinite(best.parameters) >= 0) unfit('finite best parameters', 'others');
  if (batch > batches) unfit(`a batch up to ${batches}, after which comes the validation`, `${batch}`);
  const done = (epoch - 1) * batches + batch;
  if (steps !== done) unfit(`${done} steps before batch ${batch} of epoch ${epoch}`, `${steps}`);
}

function unfit(expected: string, received: string): never {
  const problem = `expected a checkpoint with ${expected}, received ${received}`;
  throw new DataError(
    'resume',
    problem,
    'Resume with the file that this run wrote, or start anew without it',
    'resume',
  );
}

/** @throws {DataError} naming the first setting that differs between a checkpoint and the run that wants it */
export function checkFingerprint(found: Checkpoint['fingerprint'], wanted: Checkpoint['fingerprint']): void {
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const before = canonicalJson(found[key] ?? null, key);
    const now = canonicalJson(wanted[key] ?? null, key);
    if (before === now) continue;
    throw new DataError(
      'resume',
      `the checkpoint was written with ${key} = ${before}, this run has ${now}`,
      'Resume with the same data and options, or start anew without the checkpoint',
      'resume',
    );
  }
}
