// Processor seconds and seconds by the clock of the stages of one process, from its start on.
const started = performance.timeOrigin;

/** Seconds since the process began: of the processor, all threads together, and by the clock. */
export function since() {
  const { user, system } = process.cpuUsage();
  return {
    processor: (user + system) / 1e6,
    clock: (performance.timeOrigin + performance.now() - started) / 1e3,
  };
}

/** Stages by name; time that falls between two calls belongs to the second. */
export class Stages {
  stages = {};
  #last = { processor: 0, clock: 0 };

  /** Ends a stage here. @returns seconds since the process began */
  end(name) {
    const now = since();
    const before = this.stages[name] ?? { processor: 0, clock: 0 };
    this.stages[name] = {
      processor: before.processor + now.processor - this.#last.processor,
      clock: before.clock + now.clock - this.#last.clock,
    };
    this.#last = now;
    return now;
  }
}

/** One line on standard output, which the bench reads. */
export function report(result) {
  console.log(JSON.stringify({ ...result, total: since() }));
}
