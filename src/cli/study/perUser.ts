/** Metrics at 10 of one user. */
export interface MeasuredUser {
  /** Index in the whole split. */
  readonly user: number;
  readonly recall: number;
  readonly ndcg: number;
}

/** Stands for a user who was not measured; values in [0, 1] are kept as integers below it. */
const ABSENT = 0xffff;
const STEPS = ABSENT - 1;

/** Values of some users out of `numUsers`, as base64 of 16 bits a user, little-endian. */
export function packedValues(
  users: readonly MeasuredUser[],
  numUsers: number,
): Record<'recall' | 'ndcg', string> {
  const packed = (metric: 'recall' | 'ndcg') => {
    const bytes = new DataView(new ArrayBuffer(2 * numUsers));
    for (let user = 0; user < numUsers; user++) bytes.setUint16(2 * user, ABSENT, true);
    for (const one of users) bytes.setUint16(2 * one.user, Math.round(STEPS * one[metric]), true);
    return Buffer.from(bytes.buffer).toString('base64');
  };
  return { recall: packed('recall'), ndcg: packed('ndcg') };
}

/** By user; NaN for those who were not measured. */
export function unpackedValues(base64: string): Float64Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float64Array.from({ length: bytes.length / 2 }, (_, user) => {
    const value = bytes.readUInt16LE(2 * user);
    return value === ABSENT ? Number.NaN : value / STEPS;
  });
}
