/** Runs the jobs in order, up to `atOnce` at a time. After a failure none is begun; it is thrown once all have ended. */
export async function inTurn<T>(
  jobs: readonly T[],
  run: (job: T) => Promise<void>,
  atOnce: number,
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (next < jobs.length && failures.length === 0) {
      try {
        await run(jobs[next++]);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
