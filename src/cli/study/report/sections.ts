import { HISTORY_BUCKETS, POPULARITY_BUCKETS } from '../../../index.ts';
import { type Cell, Comparisons, cellsOf } from '../analysis.ts';
import { type ExperimentName, isBaseline } from '../experiments.ts';
import type { ExperimentResults, Job } from '../jobs.ts';
import { TABLE1_INITS } from '../plans.ts';
import { beyondTable, conditionTable, costTable, newItemsTable } from './beyondTables.ts';
import {
  allVectors,
  byModelAndInit,
  type Context,
  commonDim,
  isFirstVectors,
  isInTable1,
  isOfAuthors,
  isPlain,
  isSized,
  isWhole,
} from './context.ts';
import { figure1, gains, spectra } from './figures.ts';
import { average, four } from './format.ts';
import { TABLE1, TABLE5 } from './published.ts';
import type { Section } from './section.ts';
import { systemsSection } from './systemsTable.ts';
import { bucketTable, diagnosticsTable, perProtocol, rivalsTable } from './tables.ts';

type Builder = (context: Context) => Omit<Section, 'title'>;

const TITLES: Readonly<Record<ExperimentName, string>> = {
  table1: 'Table 1: models and column selections, and what goes beyond them',
  table2: 'Table 2: systems, their quality and what each costs',
  table3: 'Table 3: encoders, alone and beside lexical vectors',
  table5: 'Table 5: pooling of user rows',
  figure1: 'Figure 1: dimensions and embedding collapse',
  figure3: 'Figure 3: cold start, half of every user’s interactions removed',
  inits: 'The study of initialisations',
  strangers: 'Strangers: a tenth of the users never trained on, ranked for by their histories',
  'new-items': 'New items: a tenth of the items never trained on, placed by their texts',
  shuffled: 'Control: every item with the text of another',
  losses: 'Losses: as the authors train, and by softmax on cosines as auto does',
  tuning: 'Graph weight λ and scale, by validation',
};

/** What the sections of each dataset are drawn from. */
export function contextsOf(study: ExperimentResults): Context[] {
  const cells = cellsOf(study);
  const comparisons = new Comparisons();
  return study.datasets.map((dataset) => {
    const all = cells.filter(({ job }) => job.dataset === dataset.name);
    const [own, systems] = [false, true].map((ofSystem) =>
      all.filter(({ job }) => (job.system !== undefined) === ofSystem),
    );
    return { study, dataset, cells: own, systems, dim: commonDim(own), comparisons };
  });
}

/** The sections of a report: every experiment on every dataset that has runs of it. */
export function sectionsOf(contexts: readonly Context[], experiments: readonly ExperimentName[]): Section[] {
  return experiments.flatMap((experiment) =>
    contexts.flatMap((context) => {
      const section = BUILDERS[experiment](context);
      const title = `${context.dataset.name} · ${TITLES[experiment]}`;
      return section.tables.some(({ rows }) => rows.length > 0) ? [{ title, ...section }] : [];
    }),
  );
}

/** A section of the runs under one condition, by the first protocol that has any. */
function ofCondition(condition: NonNullable<Job['condition']>): Builder {
  return (context) => {
    const belongs = ({ job }: Cell) => isSized(job, context) && job.condition === condition;
    const section = perProtocol(context, belongs);
    return { ...section, charts: gains(context, context.cells.filter(belongs)) };
  };
}

const BUILDERS: Readonly<Record<ExperimentName, Builder>> = {
  table1: (context) => {
    const inTable = ({ job }: Cell) => isInTable1(job, context);
    const found = TABLE1[context.dataset.name] ?? {};
    const published = ({ model, init }: Job) => (init ? found[model]?.[init] : undefined);
    const section = perProtocol(context, inTable, published);
    const cells = context.cells.filter(inTable);
    return {
      ...section,
      tables: [...section.tables, ...rivalsTable(context, cells), ...beyondTable(cells), ...costTable(cells)],
    };
  },
  table2: systemsSection,
  table3: (context) =>
    perProtocol(
      context,
      ({ job }) =>
        isPlain(job, context) &&
        isOfAuthors(job) &&
        (job.model === 'l3ae' ||
          (job.model === 'lightgcn' && [...TABLE1_INITS, 'graph-pca'].some((init) => init === job.init))),
    ),
  table5: (context) =>
    perProtocol(
      context,
      ({ job }) =>
        isSized(job, context) &&
        isWhole(job) &&
        isOfAuthors(job) &&
        (job.model === 'lightgcn' || job.model === 'sgcl') &&
        job.init === 'variance' &&
        isFirstVectors(job, context),
      ({ model, pool }) => (model === 'sgcl' ? TABLE5[pool] : undefined),
      ['published figures: SGCL on Beauty'],
    ),
  figure1,
  figure3: (context) => {
    const inFigure = ({ job }: Cell) =>
      isSized(job, context) && job.keep < 1 && job.pool === 'mean' && job.condition === undefined;
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
  strangers: ofCondition('strangers'),
  'new-items': (context) => newItemsTable(context),
  shuffled: (context) => conditionTable(context, 'shuffled'),
  losses: (context) => {
    const compared = ({ model, protocol }: Job) => `${model} ${protocol}`;
    const twice = new Set(context.cells.flatMap(({ job }) => (isOfAuthors(job) ? [] : compared(job))));
    const all = allVectors(context.dataset);
    return perProtocol(
      context,
      ({ job }) =>
        isPlain(job, context) &&
        twice.has(compared(job)) &&
        (job.init === 'xavier' || (job.init === 'graph-pca' && job.vectors === all)),
    );
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
