/** A row of a small data set: users and items in four groups, a user's own group rated 5, others 1 or 2. */
export interface Row {
  readonly user: number;
  readonly item: number;
  readonly rating: number;
  /** seconds since 1970 */
  readonly time: number;
}

/** 60 users, 40 items, 540 rows, of which 120 are rated 1 or 2; every pair once. */
export const ROWS: readonly Row[] = Array.from({ length: 540 }, (_, n) => {
  const user = n % 60;
  const place = Math.floor(n / 60);
  const group = user % 4;
  const isOwn = place < 7;
  // Seven of the own group's ten items, and two of the next group's.
  const item = isOwn ? ((user + place) % 10) * 4 + group : ((user + place) % 10) * 4 + ((group + 1) % 4);
  return {
    user,
    item,
    rating: isOwn ? 5 : 1 + (place % 2),
    time: 1_300_000_000 + ((n * 7919) % 400_000) * 50,
  };
});

export const ITEMS: readonly { readonly id: number; readonly title: string }[] = Array.from(
  { length: 40 },
  (_, id) => ({
    id,
    title: `${['shovel', 'guitar', 'kettle', 'tent'][id % 4]} model ${id}`,
  }),
);

/** One line a row, under a header if there is one. */
export function lines(line: (row: Row, n: number) => string, header = '', end = '\n'): string {
  return (
    (header === '' ? '' : header + end) +
    ROWS.map(line)
      .map((text) => text + end)
      .join('')
  );
}

/** Bytes of an 8-bit text whose characters are all below 256. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

export function utf16le(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  for (let n = 0; n < text.length; n++) new DataView(bytes.buffer).setUint16(2 * n, text.charCodeAt(n), true);
  return bytes;
}

/** The date of a time as ISO 8601 has it. */
export function iso(time: number): string {
  return new Date(1000 * time).toISOString();
}
