// Mutations of bytes, drawn from a seeded generator: the same seed gives the same inputs.

/** A small counter-based generator (xorshift32 on a mixed seed); enough to choose mutations. */
export function generator(seed) {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (seed >>> 13)) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  return { below: (n) => next() % n, chance: (share) => next() / 2 ** 32 < share };
}

/** What parsers stumble over, put in or in the place of something. */
const TOKENS = [
  ...[
    '"',
    "'",
    ',',
    ';',
    '\t',
    '::',
    '|',
    '\n',
    '\r',
    '\r\n',
    '\0',
    '\ufeff',
    '{',
    '}',
    '[',
    ']',
    '{}',
    '[]',
    ':',
    '\\',
  ],
  ...[
    'null',
    'NaN',
    'Infinity',
    '-Infinity',
    'true',
    'None',
    '\\N',
    '1e999',
    '-1',
    '0',
    '1e308',
    '9007199254740993',
  ],
  ...[
    '99999999999999999999',
    '-0',
    '0x10',
    '1_000',
    '１',
    '٣',
    '\u202e',
    '\ud800',
    '\udfff',
    '😀',
    'e\u0301',
    'é',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '__metadata__',
    'checksum',
    'F32',
    'I64',
    'shape',
  ],
  ...[
    '2018-07-07 22:09:11',
    '1970-01-01T00:00:00Z',
    '9999999999999',
    '\x1f\x8b',
    'PK\x03\x04',
    '<html>',
    'sep=;',
    '#',
  ],
].map((token) => new TextEncoder().encode(token));

/** One change of a seed input, or up to six. @param others inputs to splice from */
export function mutate(input, others, random) {
  let bytes = input;
  for (let left = random.chance(0.5) ? 1 : 1 + random.below(6); left > 0; left--)
    bytes = CHANGES[random.below(CHANGES.length)](bytes, others, random);
  return bytes;
}

const spliced = (bytes, at, remove, insert) => {
  const out = new Uint8Array(bytes.length - remove + insert.length);
  out.set(bytes.subarray(0, at));
  out.set(insert, at);
  out.set(bytes.subarray(at + remove), at + insert.length);
  return out;
};
const place = (bytes, random) => random.below(bytes.length + 1);

const CHANGES = [
  function flipBit(bytes, _, random) {
    const out = bytes.slice();
    if (out.length > 0) out[random.below(out.length)] ^= 1 << random.below(8);
    return out;
  },
  function setByte(bytes, _, random) {
    const out = bytes.slice();
    if (out.length > 0) out[random.below(out.length)] = random.below(256);
    return out;
  },
  function cut(bytes, _, random) {
    return bytes.slice(0, place(bytes, random));
  },
  function drop(bytes, _, random) {
    const at = place(bytes, random);
    return spliced(bytes, at, Math.min(bytes.length - at, 1 + random.below(16)), new Uint8Array(0));
  },
  function repeat(bytes, _, random) {
    const at = place(bytes, random);
    const part = bytes.subarray(at, at + 1 + random.below(64));
    return spliced(bytes, at, 0, part);
  },
  function insertToken(bytes, _, random) {
    return spliced(bytes, place(bytes, random), 0, TOKENS[random.below(TOKENS.length)]);
  },
  function replaceWithToken(bytes, _, random) {
    const at = place(bytes, random);
    return spliced(
      bytes,
      at,
      Math.min(bytes.length - at, random.below(8)),
      TOKENS[random.below(TOKENS.length)],
    );
  },
  function splice(bytes, others, random) {
    const other = others[random.below(others.length)];
    const from = place(other, random);
    const at = place(bytes, random);
    return spliced(
      bytes,
      at,
      Math.min(bytes.length - at, random.below(32)),
      other.subarray(from, from + random.below(64)),
    );
  },
  function replaceNumber(bytes, _, random) {
    let at = place(bytes, random);
    while (at < bytes.length && !(bytes[at] >= 0x30 && bytes[at] <= 0x39)) at++;
    let end = at;
    while (end < bytes.length && bytes[end] >= 0x30 && bytes[end] <= 0x39) end++;
    return at === end ? bytes : spliced(bytes, at, end - at, NUMBERS[random.below(NUMBERS.length)]);
  },
  function manyTimes(bytes, _, random) {
    const token = TOKENS[random.below(TOKENS.length)];
    const run = new Uint8Array(token.length * (1 + random.below(200)));
    for (let at = 0; at < run.length; at += token.length) run.set(token, at);
    return spliced(bytes, place(bytes, random), 0, run);
  },
];

const NUMBERS = [
  '0',
  '1',
  '-1',
  '7',
  '255',
  '65536',
  '2147483648',
  '4294967295',
  '9007199254740992',
  '1e9',
  '1e400',
  '0.5',
].map((number) => new TextEncoder().encode(number));
