// A batch names nodes several times; its rows are computed once. A slot is a row of the compact tables.

@inline
function slotOf(slots: usize, node: u32, rows: usize, count: i32): i32 {
  const at = slots + (<usize>node << 2);
  let slot = load<i32>(at);
  if (slot < 0) {
    slot = count;
    store<i32>(at, slot);
    store<u32>(rows + (<usize>slot << 2), node);
  }
  return slot;
}

/** Gives every distinct node a slot, in order of first appearance; returns how many there are in all.
 *  nodes [count] u32; slots [numNodes] i32, −1 where a node has none yet; rows: the node of each slot;
 *  nodeSlots [count] i32 overwritten; used: slots already given (0 for a new batch) */
export function plan_batch(nodes: usize, count: i32, slots: usize, rows: usize, nodeSlots: usize, used: i32): i32 {
  for (let b = 0; b < count; b++) {
    const at = <usize>b << 2;
    const slot = slotOf(slots, load<u32>(nodes + at), rows, used);
    store<i32>(nodeSlots + at, slot);
    if (slot == used) used++;
  }
  return used;
}

/** Sets the slots of the listed nodes back to −1.  rows [count] u32, slots [numNodes] */
export function clear_slots(rows: usize, count: i32, slots: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) store<i32>(slots + (<usize>load<u32>(rows + (i << 2)) << 2), -1);
}
