// An index of strings by their bytes, so that an id is found without decoding all of them: open addressing with linear
// probing over a power of two of slots, string n as n + 1, 0 an empty slot.

/** FNV-1a over words and then bytes, mixed as murmur3 ends: no defence against somebody who looks for collisions. */
function hashOf(bytes: usize, length: usize): u32 {
  let hash: u32 = 0x811c9dc5 ^ <u32>length;
  const end = bytes + length;
  for (; bytes + 4 <= end; bytes += 4) hash = rotl<u32>((hash ^ load<u32>(bytes)) * 0x9e3779b1, 15);
  for (; bytes < end; bytes++) hash = (hash ^ load<u8>(bytes)) * 0x01000193;
  hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
  return hash ^ (hash >>> 16);
}

/** The slot of a string: the one that holds it, or the first empty one where it would go. */
function slotOf(text: usize, length: usize, bytes: usize, offsets: usize, slots: usize, mask: u32): usize {
  let slot = slots + (<usize>(hashOf(text, length) & mask) << 2);
  while (load<u32>(slot) != 0) {
    const place = offsets + (<usize>(load<u32>(slot) - 1) << 2);
    const from = <usize>load<u32>(place);
    if (<usize>load<u32>(place, 4) - from == length && memory.compare(bytes + from, text, length) == 0) break;
    slot = slots + ((slot + 4 - slots) & ((<usize>mask << 2) | 3));
  }
  return slot;
}

/** Fills the slots with strings 0 … count−1; returns the first that stands twice, the second time, or −1.
 *  bytes, offsets [count + 1] u32: string n is bytes offsets[n] … offsets[n + 1]−1
 *  slots [slotCount] u32 overwritten; slotCount a power of two > count */
export function index_strings(bytes: usize, offsets: usize, count: i32, slots: usize, slotCount: u32): i32 {
  memory.fill(slots, 0, <usize>slotCount << 2);
  for (let n = 0; n < count; n++) {
    const from = load<u32>(offsets + (<usize>n << 2));
    const slot = slotOf(
      bytes + from, load<u32>(offsets + (<usize>n << 2), 4) - from, bytes, offsets, slots, slotCount - 1,
    );
    if (load<u32>(slot) != 0) return n;
    store<u32>(slot, n + 1);
  }
  return -1;
}

/** The number of a string, or −1.  text [length] bytes; the rest as index_strings left it */
export function find_string(
  text: usize, length: usize, bytes: usize, offsets: usize, slots: usize, slotCount: u32,
): i32 {
  return <i32>load<u32>(slotOf(text, length, bytes, offsets, slots, slotCount - 1)) - 1;
}
