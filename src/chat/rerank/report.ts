/**
 * Why our own order stands.
 *
 * @example
 * const { report } = await rerank([{ id: 'i1' }, { id: 'i2' }], [], { chat });
 * const reason: RerankStop | null = report.reason;
 * reason; // → 'no history'
 */
export type RerankStop =
  /** fewer than two candidates */
  | 'nothing to rank'
  /** the weight is 0 */
  | 'weight'
  /** nothing is known of the person */
  | 'no history'
  /** too few rounds were answered in time */
  | 'deadline'
  /** the service failed */
  | 'failure'
  /** too few answers named half of the candidates */
  | 'unusable'
  /** the rounds agree no more than by chance */
  | 'disagreement';

/**
 * What came of the question to a chat model.
 *
 * @example
 * const { report }: { report: RerankReport } = await rerank([{ id: 'i1' }, { id: 'i2' }], ['Steel bottle'], { chat });
 * report.by; // → 'own'
 */
export interface RerankReport {
  /** Whose order was returned. `own`: the given one, unchanged. */
  readonly by: 'chat' | 'own';
  /** Why it is the given one; null where it is not. */
  readonly reason: RerankStop | null;
  /** The same in words, with what the service said. */
  readonly detail: string | null;
  /** Rounds that were to be asked, those that were answered, and those whose answer was of use. */
  readonly rounds: number;
  readonly answered: number;
  readonly usable: number;
  /** Over all answers: entries that are no candidate, candidates named again, candidates left out. */
  readonly invented: number;
  readonly repeated: number;
  readonly missing: number;
  /** How far the rounds agree, see `minAgreement`; null where fewer than two were of use. */
  readonly agreement: number | null;
  /** Tokens that the service counted, of answers that are not from a cache; null where it did not count. */
  readonly promptTokens: number | null;
  readonly answerTokens: number | null;
  /** Answers from a cache. */
  readonly cached: number;
  readonly milliseconds: number;
}

/** A report that is being written. */
export type Report = { -readonly [Name in keyof RerankReport]: RerankReport[Name] } & {
  /** Notes why our own order stands. */
  stop(reason: RerankStop, detail: string): null;
};

/** An empty report; `stop` is not enumerable. */
export function reportOf(rounds: number): Report {
  const report = {
    ...{ by: 'own', reason: null, detail: null, rounds, answered: 0, usable: 0 },
    ...{ invented: 0, repeated: 0, missing: 0, agreement: null },
    ...{ promptTokens: null, answerTokens: null, cached: 0, milliseconds: 0 },
  } as unknown as Report;
  const stop: Report['stop'] = (reason, detail) => {
    report.reason = reason;
    report.detail = detail;
    return null;
  };
  return Object.defineProperty(report, 'stop', { value: stop });
}
