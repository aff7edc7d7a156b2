/** A chart as a Vega-Lite specification. */
export interface Chart {
  readonly title: string;
  readonly spec: object;
}

/** A chart that a report opens with, in a file of its own. */
export interface Picture extends Chart {
  /** Beside the report. */
  readonly path: string;
}

/** One table with the line that says what it shows. */
export interface ReportTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What one experiment found on one dataset. */
export interface Section {
  readonly title: string;
  readonly notes: readonly string[];
  readonly tables: readonly ReportTable[];
  readonly charts: readonly Chart[];
}
