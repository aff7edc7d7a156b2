import type { RerankManyOptions, RerankProgress } from '../../chat/rerank/askCases.ts';
import { calibrateReranker, type RerankCalibration } from '../../chat/rerank/calibrateReranker.ts';
import { type RerankCase, rerankCases } from '../../chat/rerank/cases.ts';
import { estimateRerank, type RerankEstimate } from '../../chat/rerank/estimateRerank.ts';
import { evaluateReranker, type RerankEvaluation } from '../../chat/rerank/evaluateReranker.ts';
import type { Catalogue, Split, Trained } from '../../index.ts';
import { modelFrom, OptionError, Recommender } from '../../index.ts';
import type { RerankPlan } from '../args/rerankPlan.ts';
import { openChat } from '../chatModel.ts';
import type { Session } from '../session.ts';

/** How a trained model is re-ranked, and what came of it. */
export interface RerankRecord {
  readonly model: string;
  readonly candidates: number;
  /** Before anything was asked. */
  readonly estimate: RerankEstimate;
  /** null where the weight was given. */
  readonly calibration: RerankCalibration | null;
  /** null where only the estimate was asked for. */
  readonly evaluation: Omit<RerankEvaluation, 'perUser'> | null;
}

/** The re-ranking of every run of a study. */
export class RerankRuns {
  readonly #plan: RerankPlan;
  readonly #titles: Catalogue;
  readonly #session: Session;
  readonly #chat: ReturnType<typeof openChat>['chat'];

  constructor(plan: RerankPlan, titles: Catalogue, session: Session) {
    this.#plan = plan;
    this.#titles = titles;
    this.#session = session;
    this.#chat = openChat(plan.chat).chat;
  }

  /** Everything that decides the result. */
  get settings(): Record<string, unknown> {
    const { settings, users, prices, preview } = this.#plan;
    return { rerank: { chat: this.#chat.id, ...settings, users, ...prices, preview } };
  }

  /**
   * Calibrates on people with validation items, unless a weight is given, and measures on people with test items.
   * @param k cut-off
   */
  async measure(trained: Trained, seed: number, k: number, label: string): Promise<RerankRecord> {
    const { settings, prices, preview, users, chat } = this.#plan;
    const { candidates = 20, weight: given, ...how } = settings;
    const { signal } = this.#session;
    const options = { ...how, ...prices, k, signal, chat: this.#chat };
    const draw = { users, candidates, seed };
    const [valid, test] = this.#cases(trained.split, trained, given === undefined, draw);
    const estimate = estimateRerank([...valid, ...test], options);
    this.#tell(label, estimate, valid.length, test.length);
    const base = { model: chat.http.model, candidates, estimate };
    if (preview) return { ...base, calibration: null, evaluation: null };
    const calibration =
      given === undefined
        ? await calibrateReranker(valid, { ...options, onProgress: this.#progress(`${label} validation`) })
        : null;
    const weight = calibration?.weight ?? given!;
    const asked: RerankManyOptions = { ...options, weight, onProgress: this.#progress(`${label} test`) };
    const { perUser: _, ...evaluation } = await evaluateReranker(test, asked);
    this.#session.progress.end();
    return { ...base, calibration, evaluation };
  }

  #cases(
    split: Split,
    trained: Trained,
    calibrates: boolean,
    draw: { readonly users: number; readonly candidates: number; readonly seed: number },
  ): [valid: RerankCase[], test: RerankCase[]] {
    if (calibrates && split.valid.length === 0) {
      const problem = 'expected validation interactions to find the weight on, received none';
      throw new OptionError('--rerank', problem, 'Pass --rerank-weight, or a split with validation');
    }
    const model = modelFrom(split, trained.scorer, { seen: split.train, itemTitles: this.#titles });
    const recommender = new Recommender(model, this.#session.runtime);
    try {
      return [
        calibrates ? rerankCases(recommender, split, { ...draw, part: 'valid' }) : [],
        rerankCases(recommender, split, { ...draw, part: 'test' }),
      ];
    } finally {
      recommender.close();
    }
  }

  #tell(label: string, estimate: RerankEstimate, valid: number, test: number): void {
    const { requests, promptTokens, answerTokens, price } = estimate;
    const people = valid > 0 ? `${valid} validation and ${test} test users` : `${test} test users`;
    const tokens = `about ${promptTokens} + ${answerTokens} tokens${price === null ? '' : `, ${price.toFixed(2)} in all`}`;
    this.#session.progress.line(`${label} re-ranking ${people}: at most ${requests} requests, ${tokens}`);
  }

  #progress(label: string): (progress: RerankProgress) => void {
    const { progress } = this.#session;
    return ({ done, total, promptTokens, answerTokens }) => {
      const tokens = promptTokens > 0 ? `, ${promptTokens} + ${answerTokens} tokens` : '';
      progress.step(`${label}${tokens}`, done, total);
    };
  }
}
