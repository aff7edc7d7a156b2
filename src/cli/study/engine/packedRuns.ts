import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { RECORD } from '../../../options/arguments.ts';
import type { JobResult } from '../jobs.ts';

/** Marks bytes that are deflated in the file of a study; without it they are base64 alone, as older files have them. */
const MARK = 'deflate:';

/** Most bytes that a packed text may stand for: two each of 32 million users. */
const MOST_BYTES = 1 << 26;

/** A run as the file keeps it: most ranks are 0 and most users are not measured, so that it is a third as long. */
export function packedRun(run: object): object {
  return withBytes(run, packed) as object;
}

/** A run of a file, its bytes as base64 again; what is no run of a study is left as it is, for the check of kinds. */
export function unpackedRun(run: unknown): unknown {
  return withBytes(run, unpacked);
}

function withBytes(run: unknown, change: (value: unknown) => unknown): unknown {
  if (!RECORD.is(run) || !RECORD.is(run.result)) return run;
  const result: Partial<Record<keyof JobResult, unknown>> = run.result;
  const { ranks, perUser } = result;
  if (ranks === undefined) return run;
  const each = ([name, value]: [string, unknown]) => [name, change(value)];
  const values = RECORD.is(perUser) && { perUser: Object.fromEntries(Object.entries(perUser).map(each)) };
  return { ...run, result: { ...result, ranks: change(ranks), ...values } };
}

function packed(base64: unknown): string {
  const deflated = deflateRawSync(Buffer.from(base64 as string, 'base64'), { level: 9 }).toString('base64');
  return deflated.length + MARK.length < (base64 as string).length ? MARK + deflated : (base64 as string);
}

function unpacked(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
  const deflated = Buffer.from(value.slice(MARK.length), 'base64');
  try {
    return inflateRawSync(deflated, { maxOutputLength: MOST_BYTES }).toString('base64');
  } catch {
    // Bytes that are no deflated ones, or stand for too many.
    return value;
  }
}
