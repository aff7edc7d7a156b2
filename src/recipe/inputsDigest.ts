import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Split } from '../data/splits.ts';
import type { Turns } from '../runtime/turns.ts';

/** Bytes hashed between two turns of the event loop. */
const TURN_BYTES = 1 << 22;

/**
 * SHA-256, in hexadecimal, of a split with its ids and of vectors with theirs: two trainings with equal settings and equal
 * digests give the same bytes.
 */
export async function inputsDigest(
  { train, valid, test, disliked }: Split,
  vectorIds: readonly string[],
  vectors: readonly Float32Array[],
  turns: Turns,
): Promise<string> {
  const hash = sha256.create();
  const add = async ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array) => {
    for (let at = 0; at < byteLength; at += TURN_BYTES) {
      await turns.offer();
      hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(TURN_BYTES, byteLength - at)));
    }
  };
  for (const part of [train, valid, test]) {
    await add(part.users);
    await add(part.items);
  }
  hash.update(utf8ToBytes(JSON.stringify([train.userIds, train.itemIds, vectorIds])));
  // Only where there are any, so that data without keep their digest.
  if (train.weights) await add(train.weights);
  if (disliked) for (const column of [disliked.users, disliked.items]) await add(column);
  for (const table of vectors) await add(table);
  return bytesToHex(hash.digest());
}
