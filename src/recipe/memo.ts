/**
 * Results of costly work by key: the latest few, and only what succeeded, so that whatever failed or was stopped is tried
 * anew by the next who asks.
 */
export class Memo<T> {
  readonly #known = new Map<string, Promise<T>>();
  readonly #most: number;

  /** @param most how many results are kept at a time, the least lately used going first */
  constructor(most: number) {
    this.#most = most;
  }

  /** What is known by the key, or what `make` gives; those who ask at the same time share one. */
  of(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    const found = known ?? make();
    this.#known.delete(key);
    this.#known.set(key, found);
    if (!known) this.#forgetFailure(key, found);
    for (const [oldest] of this.#known) {
      if (this.#known.size <= this.#most) break;
      this.#known.delete(oldest);
    }
    return found;
  }

  #forgetFailure(key: string, made: Promise<T>): void {
    made.catch(() => {
      if (this.#known.get(key) === made) this.#known.delete(key);
    });
  }
}

/** Numbers of objects and functions, so that they can stand in keys. */
const identities = new WeakMap<object, number>();
let identified = 0;

/**
 * A key of anything: equal for equal numbers, texts, lists and plain objects whatever the order of their members, by
 * identity for functions and all other objects. Members that are undefined count as left out.
 */
export function keyOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(keyOf).join()}]`;
  if (typeof value === 'function') return `#${identityOf(value)}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const prototype = Object.getPrototypeOf(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const isPlain = prototype === null || prototype === Object.prototype;
  if (!isPlain || members.some(([, member]) => typeof member === 'function')) return `#${identityOf(value)}`;
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${keyOf(member)}`)
    .join()}}`;
}

function identityOf(value: object): number {
  const known = identities.get(value) ?? identified++;
  identities.set(value, known);
  return known;
}
