/** FNV-1a over UTF-16 units, twice with other starts: names a text, protects nothing. */
export function hash(value: string): string {
  let a = 0x811c9dc5;
  let b = 0x1000193;
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x01000193) ^ (a >>> 15);
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36);
}

/** Whether an `If-None-Match` header names an ETag. */
export function matches(header: string | null, etag: string): boolean {
  return (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

/** Ids of answers begin with something that no other process has. */
export function startOfIds(): string {
  return [...crypto.getRandomValues(new Uint8Array(6))]
    .map((byte) => byte.toString(36).padStart(2, '0'))
    .join('');
}
