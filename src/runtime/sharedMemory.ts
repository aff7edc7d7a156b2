const PAGE_BYTES = 65536;

/**
 * A memory that threads share. Its maximum is reserved as address space when it is made, and some hosts (Safari on
 * phones) have less of that than they are asked for: the maximum is halved until the host agrees.
 *
 * @param maxBytes the most it may ever hold
 * @param neededBytes what it must be able to hold
 * @throws {RangeError} of the host, when it does not reserve `neededBytes` either
 */
export function sharedMemory(maxBytes: number, neededBytes = 0): WebAssembly.Memory {
  const needed = Math.max(1, Math.ceil(neededBytes / PAGE_BYTES));
  for (let maximum = Math.ceil(maxBytes / PAGE_BYTES); ; maximum = Math.max(needed, maximum >> 1)) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    } catch (error) {
      if (maximum <= needed || !(error instanceof RangeError)) throw error;
    }
  }
}
