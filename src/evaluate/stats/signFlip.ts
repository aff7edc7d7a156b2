import { PURPOSE, Random } from '../../runtime/random.ts';

/** Flips that are drawn. */
const FLIPS = 5000;

/**
 * One-sided p of the sign-flip test: the probability, if each difference were as likely as its opposite, of a sum at least as
 * large as theirs; (1 + draws that reach it) / (1 + draws). Zeros take no part.
 * Source: Fisher 1935, §21, by drawing; Phipson & Smyth 2010 for the added one.
 */
export function signFlipTest(differences: ArrayLike<number>, seed: number): number {
  const values = Array.from(differences).filter((value) => value !== 0);
  const sum = values.reduce((total, value) => total + value, 0);
  const sizes = values.map(Math.abs);
  // Sums of the same numbers in another order differ by rounding.
  const reached = sum - 1e-9 * sizes.reduce((total, size) => total + size, 0);
  const random = new Random(seed, PURPOSE.bootstrap, 1);
  let atLeast = 0;
  for (let draw = 0; draw < FLIPS; draw++) {
    let flipped = 0;
    let bits = 0;
    for (let n = 0; n < sizes.length; n++) {
      if (n % 32 === 0) bits = random.uint32();
      flipped += (bits >>> (n % 32)) & 1 ? sizes[n] : -sizes[n];
    }
    if (flipped >= reached) atLeast++;
  }
  return (1 + atLeast) / (1 + FLIPS);
}
