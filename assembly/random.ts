// Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011). The TypeScript twin is
// src/runtime/random.ts; both give the same bits.

let w0: u32 = 0;
let w1: u32 = 0;
let w2: u32 = 0;
let w3: u32 = 0;

/** Computes one block into w0 … w3. */
function philox(key0: u32, key1: u32, c0: u32, c1: u32, c2: u32, c3: u32): void {
  for (let round = 0; round < 10; round++) {
    const p0 = <u64>0xd2511f53 * <u64>c0;
    const p1 = <u64>0xcd9e8d57 * <u64>c2;
    c0 = <u32>(p1 >> 32) ^ c1 ^ key0;
    c1 = <u32>p1;
    c2 = <u32>(p0 >> 32) ^ c3 ^ key1;
    c3 = <u32>p0;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  w0 = c0;
  w1 = c1;
  w2 = c2;
  w3 = c3;
}

@inline
function word(index: u32): u32 {
  return index == 0 ? w0 : index == 1 ? w1 : index == 2 ? w2 : w3;
}

let key0: u32 = 0;
let key1: u32 = 0;
let high: u32 = 0;
let purpose: u32 = 0;
let round: u32 = 0;
let position: u32 = 0;

/** Starts the sequence of words at counter (0, high, purpose, round). */
export function open_sequence(k0: u32, k1: u32, counterHigh: u32, forPurpose: u32, inRound: u32): void {
  key0 = k0;
  key1 = k1;
  high = counterHigh;
  purpose = forPurpose;
  round = inRound;
  position = 0;
}

/** The next word of the open sequence. */
export function next_u32(): u32 {
  const lane = position & 3;
  if (lane == 0) philox(key0, key1, position >> 2, high, purpose, round);
  position++;
  return word(lane);
}

/** An unbiased integer in 0 … bound−1 from the open sequence (Lemire 2019). */
export function next_below(bound: u32): u32 {
  const threshold: u32 = (0 - bound) % bound;
  let product = <u64>next_u32() * <u64>bound;
  while (<u32>product < threshold) product = <u64>next_u32() * <u64>bound;
  return <u32>(product >> 32);
}

/** Writes words 0 … count−1 of a sequence.
 *  out  [count] u32, overwritten */
export function philox_u32(out: usize, count: i32, k0: u32, k1: u32, forPurpose: u32, inRound: u32): void {
  open_sequence(k0, k1, 0, forPurpose, inRound);
  for (let i = 0; i < count; i++) store<u32>(out + (<usize>i << 2), next_u32());
}

/** Fills a matrix with numbers uniform over [low, high): word (row·dim + column), 24 bits.
 *  out  [rows × dim] overwritten, row stride `stride`; pad lanes become 0 */
export function random_uniform_f32(
  out: usize, rows: i32, dim: i32, stride: i32, low: f32, top: f32,
  k0: u32, k1: u32, forPurpose: u32, inRound: u32,
): void {
  open_sequence(k0, k1, 0, forPurpose, inRound);
  const span = top - low;
  for (let r = 0; r < rows; r++) {
    const row = out + ((<usize>r * <usize>stride) << 2);
    for (let c = 0; c < dim; c++) {
      const unit = <f32>(next_u32() >> 8) * <f32>(1.0 / 16777216.0);
      store<f32>(row + (<usize>c << 2), low + span * unit);
    }
    for (let c = dim; c < stride; c++) store<f32>(row + (<usize>c << 2), 0);
  }
}

/** Shuffles in place: Fisher–Yates from the end.
 *  values  [count] i32 */
export function shuffle_i32(values: usize, count: i32, k0: u32, k1: u32, forPurpose: u32, inRound: u32): void {
  open_sequence(k0, k1, 0, forPurpose, inRound);
  for (let i = count - 1; i > 0; i--) {
    const a = values + (<usize>i << 2);
    const b = values + (<usize>next_below(<u32>(i + 1)) << 2);
    const held = load<i32>(a);
    store<i32>(a, load<i32>(b));
    store<i32>(b, held);
  }
}
