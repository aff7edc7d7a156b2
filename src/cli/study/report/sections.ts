import { HISTORY_BUCKETS, POPULARITY_BUCKETS } from '../../../index.ts';
import { autoCells, type Cell, cellsOf } from '../analysis.ts';
import { type ExperimentName, isBaseline, isTrialOfAuto, TABLE1_INITS } from '../experiments.ts';
import type { Job, StudyFile } from '../jobs.ts';
import { byModelAndInit, type Context, commonDim, isFirstVectors, isPlain, isSized } from './context.ts';
import { figure1, gains, spectra } from './figures.ts';
import { average, four } from './format.ts';
import { TABLE1, TABLE5 } from './published.ts';
import type { Section } from './section.ts';
import { bucketTable, diagnosticsTable, perProtocol, rivalsTable } from './tables.ts';

type Builder = (context: Context) => Omit<Section, 'title'>;

const TITLES: Readonly<Record<ExperimentName, string>> = {
  table1: 'Table 1: models and column selections',
  table3: 'Table 3: encoders',
  table5: 'Table 5: pooling of user rows',
  figure1: 'Figure 1: dimensions and embedding collapse',
  figure3: 'Figure 3: cold start, half of every user’s interactions removed',
  inits: 'The study of initialisations',
  tuning: 'Graph weight λ and scale, by validation',
};

/** The sections of a report: every experiment on every dataset that has runs of it. */
export function sectionsOf(study: StudyFile, experiments: readonly ExperimentName[]): Section[] {
  const cells = cellsOf(study);
  return experiments.flatMap((experiment) =>
    study.datasets.flatMap((dataset) => {
      const plain = cells.filter(({ job }) => job.dataset === dataset.name);
      const own = [...plain, ...autoCells(plain, (job) => isTrialOfAuto(job, dataset.vectors))];
      const context = { study, dataset, cells: own, dim: commonDim(own) };
      const section = BUILDERS[experiment](context);
      const title = `${dataset.name} · ${TITLES[experiment]}`;
      return section.tables.some(({ rows }) => rows.length > 0) ? [{ title, ...section }] : [];
    }),
  );
}

const BUILDERS: Readonly<Record<ExperimentName, Builder>> = {
  table1: (context) => {
    const inTable = ({ job }: Cell) =>
      isPlain(job, context) &&
      (isBaseline(job) ||
        job.init === 'auto' ||
        (TABLE1_INITS.some((init) => init === job.init) && isFirstVectors(job, context)));
    const found = TABLE1[context.dataset.name] ?? {};
    const published = ({ model, init }: Job) => (init ? found[model]?.[init] : undefined);
    const section = perProtocol(context, inTable, published);
    const rivals = rivalsTable(context.cells.filter(inTable));
    return { ...section, tables: [...section.tables, ...rivals] };
  },
  table3: (context) =>
    perProtocol(
      context,
      ({ job }) =>
        isPlain(job, context) &&
        job.model === 'lightgcn' &&
        (job.init === 'xavier' || job.init === 'variance'),
    ),
  table5: (context) =>
    perProtocol(
      context,
      ({ job }) =>
        isSized(job, context) &&
        job.keep === 1 &&
        job.model === 'lightgcn' &&
        job.init === 'variance' &&
        isFirstVectors(job, context),
      ({ pool }) => TABLE5[pool],
      ['published figures: SGCL on Beauty'],
    ),
  figure1,
  figure3: (context) => {
    const inFigure = ({ job }: Cell) => isSized(job, context) && job.keep < 1 && job.pool === 'mean';
    const section = perProtocol(context, inFigure);
    return { ...section, charts: gains(context, context.cells.filter(inFigure)) };
  },
  inits: (context) => {
    const inStudy = ({ job }: Cell) =>
      isPlain(job, context) && job.protocol === 'standard' && (isBaseline(job) || job.model !== 'sgl');
    const cells = context.cells.filter(inStudy).sort(byModelAndInit);
    const section = perProtocol(context, inStudy);
    return {
      notes: section.notes,
      tables: [
        ...section.tables,
        bucketTable(context, cells, 'popularityBuckets', POPULARITY_BUCKETS, 'popularity of the test item'),
        bucketTable(context, cells, 'historyBuckets', HISTORY_BUCKETS, "the user's training interactions"),
        diagnosticsTable(cells),
      ],
      charts: [...gains(context, cells), ...spectra(cells)],
    };
  },
  tuning: (context) => {
    const cells = context.cells
      .filter(({ job }) => job.graphWeight !== null && job.scale !== null && isSized(job, context))
      .sort((a, b) => (order(a) < order(b) ? -1 : 1));
    const rows = cells.map((cell) => {
      const values = [...cell.results.values()].map(({ valid }) => valid);
      const { model, graphWeight, scale } = cell.job;
      return [model, `${graphWeight}`, `${scale}`, four(average(values)), `${values.length}`];
    });
    const caption = 'validation NDCG@10, mean over seeds; nothing here was measured on test items';
    return {
      notes: [],
      tables: [{ caption, head: ['model', 'λ', 'scale', 'valid N@10', 'seeds'], rows }],
      charts: [],
    };
  },
};

function order({ job }: Cell): string {
  return [job.model, job.graphWeight, job.scale].join(' ');
}
