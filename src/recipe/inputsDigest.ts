import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Split } from '../data/splits.ts';

/**
 * SHA-256, in hexadecimal, of a split with its ids and of vectors with theirs: two trainings with equal settings and equal
 * digests give the same bytes.
 */
export function inputsDigest(
  { train, valid, test, disliked }: Split,
  vectorIds: readonly string[],
  vectors: readonly Float32Array[],
): string {
  const hash = sha256.create();
  const add = (values: Int32Array | Float32Array) =>
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  for (const part of [train, valid, test]) {
    add(part.users);
    add(part.items);
  }
  hash.update(utf8ToBytes(JSON.stringify([train.userIds, train.itemIds, vectorIds])));
  // Only where there are any, so that data without keep their digest.
  if (train.weights) add(train.weights);
  if (disliked) for (const column of [disliked.users, disliked.items]) add(column);
  for (const table of vectors) add(table);
  return bytesToHex(hash.digest());
}
