import { gzipSync } from 'node:zlib';
import { servingSizes } from '../../serve/planner.ts';
import type { ServingTarget } from '../../serve/targets.ts';
import { decodeModel, planServing, type ServingCheck } from '../../serve.ts';
import { print, printJson } from '../output.ts';
import { tableText } from '../tables.ts';
import { VERSION } from '../version.ts';

/** Prints whether a platform can serve the model of a file. */
export function reportPlan(
  path: string,
  bytes: Uint8Array,
  target: ServingTarget,
  json: boolean | undefined,
): void {
  const sizes = {
    ...servingSizes(decodeModel(bytes, path)),
    fileBytes: bytes.length,
    gzippedBytes: gzipSync(bytes).length,
  };
  const plan = planServing(sizes, target);
  if (json) {
    printJson({ command: 'inspect', version: VERSION, file: path, ...sizes, ...plan });
    return;
  }
  print(`${path} on ${target}: ${plan.fits ? 'fits' : 'does not fit'}`);
  const rows = plan.places.flatMap(({ place, fits, checks }) => [
    [place, fits ? 'fits' : 'does not fit', '', ''],
    ...checks.map((check) => [`  ${check.what}`, verdict(check), needText(check), limitText(check)]),
  ]);
  print(tableText(['model', '', 'needs', 'limit'], rows, 2));
  print(
    `Bytes of the file are exact, the rest is estimated: a machine may be twice as slow. Limits: ${plan.source}`,
  );
  if (plan.remedy !== null) {
    print(`By estimate it fits after: llminit export ${path} ${plan.remedy} --out small`);
  } else if (!plan.fits) {
    print('No smaller form of this model fits: train one with fewer items, or a smaller dim');
  }
}

/** `close` where an estimate fits, and would not on a machine half as fast. */
function verdict({ fits, unit, needed, limit }: ServingCheck): string {
  if (!fits) return 'too much';
  return unit === 'ms' && limit !== null && 2 * needed > limit ? 'close' : '';
}

function needText({ needed, unit }: ServingCheck): string {
  return amount(needed, unit);
}

function limitText({ limit, unit }: ServingCheck): string {
  return limit === null ? 'none published' : amount(limit, unit);
}

/** `1.06 MB`, `7.2 ms`. */
function amount(value: number, unit: ServingCheck['unit']): string {
  return unit === 'bytes' ? `${(value / 1e6).toFixed(2)} MB` : `${value} ms`;
}
