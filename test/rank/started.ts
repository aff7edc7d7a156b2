/** A scorer in a workspace, with what it reads. */
export function started<T extends { start(): void }>(open: T): T {
  open.start();
  return open;
}
