/** Upper bounds of the duration histogram in seconds. */
const BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

interface RouteCounts {
  readonly byStatus: Map<number, number>;
  readonly buckets: Float64Array;
  seconds: number;
  count: number;
}

/**
 * Counts of what a handler answered, in the text format of Prometheus (version 0.0.4).
 *
 * @example
 * const metrics: HttpMetrics = createHandler(recommender).metrics;
 */
export class HttpMetrics {
  readonly #routes = new Map<string, RouteCounts>();
  readonly #gauges = new Map<string, { readonly help: string; value: number; readonly type: string }>();

  /** Counts one answer. @param seconds from the arrival of the request to its answer */
  answered(route: string, status: number, seconds: number): void {
    let counts = this.#routes.get(route);
    if (!counts) {
      counts = { byStatus: new Map(), buckets: new Float64Array(BOUNDS.length), seconds: 0, count: 0 };
      this.#routes.set(route, counts);
    }
    counts.byStatus.set(status, (counts.byStatus.get(status) ?? 0) + 1);
    counts.count++;
    counts.seconds += seconds;
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) counts.buckets[bucket]++;
  }

  /** Sets a number that is shown as it is now. */
  gauge(name: string, help: string, value: number): void {
    this.#gauges.set(name, { help, value, type: 'gauge' });
  }

  /** Adds to a number that only grows. */
  count(name: string, help: string, more = 1): void {
    const before = this.#gauges.get(name)?.value ?? 0;
    this.#gauges.set(name, { help, value: before + more, type: 'counter' });
  }

  /** All numbers as text. */
  text(): string {
    const lines = [
      '# HELP llminit_http_requests_total Requests answered.',
      '# TYPE llminit_http_requests_total counter',
    ];
    for (const [route, { byStatus }] of this.#routes) {
      for (const [status, count] of byStatus)
        lines.push(`llminit_http_requests_total{route="${route}",status="${status}"} ${count}`);
    }
    const name = 'llminit_http_request_duration_seconds';
    lines.push(`# HELP ${name} Time from a request to its answer.`, `# TYPE ${name} histogram`);
    for (const [route, { buckets, seconds, count }] of this.#routes) {
      let below = 0;
      for (const [n, bound] of BOUNDS.entries()) {
        below += buckets[n];
        lines.push(`${name}_bucket{route="${route}",le="${bound}"} ${below}`);
      }
      lines.push(`${name}_bucket{route="${route}",le="+Inf"} ${count}`);
      lines.push(`${name}_sum{route="${route}"} ${seconds}`, `${name}_count{route="${route}"} ${count}`);
    }
    for (const [gauge, { help, value, type }] of this.#gauges)
      lines.push(`# HELP ${gauge} ${help}`, `# TYPE ${gauge} ${type}`, `${gauge} ${value}`);
    return `${lines.join('\n')}\n`;
  }
}
