/**
 * The CRC-32 of `bytes` (IEEE 802.3: polynomial 0xEDB88320 reflected, the one of zip, PNG and Python's
 * `zlib.crc32`), as an unsigned 32-bit number.
 *
 * Chosen over a cryptographic hash because it is synchronous in every runtime, takes about a tenth of a
 * second for 50 MB, and is certain to notice any single damaged run of up to 32 bits. It guards against accidents, not against
 * someone who forges a file.
 *
 * @param previous the CRC-32 of the bytes before these; 0 at the start
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  tables ??= makeTables();
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  let crc = ~previous;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    crc =
      t7[crc & 0xff] ^
      t6[(crc >>> 8) & 0xff] ^
      t5[(crc >>> 16) & 0xff] ^
      t4[crc >>> 24] ^
      t3[bytes[at + 4]] ^
      t2[bytes[at + 5]] ^
      t1[bytes[at + 6]] ^
      t0[bytes[at + 7]];
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]) & 0xff];
  return ~crc >>> 0;
}

let tables: Int32Array[] | undefined;

/** Eight tables for "slicing by 8": table k advances a byte over k further zero bytes. */
function makeTables(): Int32Array[] {
  const made = Array.from({ length: 8 }, () => new Int32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    made[0][byte] = crc;
  }
  for (let k = 1; k < 8; k++) {
    for (let byte = 0; byte < 256; byte++) {
      const crc = made[k - 1][byte];
      made[k][byte] = (crc >>> 8) ^ made[0][crc & 0xff];
    }
  }
  return made;
}
