import { Turns } from '../../../runtime/turns.ts';
import { countsText, knownDataset } from '../../datasets/known.ts';
import { atOnce } from '../../interrupt.ts';
import type { ExperimentName } from '../experiments.ts';
import { type DatasetRecord, type ExperimentResults, jobKey } from '../jobs.ts';
import { htmlOf } from './html.ts';
import { markdownOf } from './markdown.ts';
import { openingPictures } from './pictures.ts';
import type { Chart } from './section.ts';
import { contextsOf, sectionsOf } from './sections.ts';
import { type DrawnChart, svgOf } from './svg.ts';

const TITLE = 'llminit: study of initialisations';

/** A report as text and as a page, with the pictures that both open with. */
export interface Report {
  readonly markdown: string;
  readonly html: string;
  /** SVG files by their path beside the report, which `markdown` names. */
  readonly pictures: readonly { readonly path: string; readonly svg: string }[];
  /** Every chart of the page, in its order. */
  readonly charts: readonly DrawnChart[];
}

/** The report of a study, drawn from its runs alone: nothing is trained. @throws `signal.reason` when aborted */
export async function writeReport(
  study: ExperimentResults,
  experiments: readonly ExperimentName[],
  signal?: AbortSignal,
): Promise<Report> {
  const { opening, sections, head } = await atOnce(() => {
    const contexts = contextsOf(study);
    return {
      opening: contexts.flatMap(openingPictures),
      sections: sectionsOf(contexts, experiments),
      head: headOf(study),
    };
  });
  const turns = new Turns(signal);
  const drawn = new Map<Chart, string>();
  const draw = async (chart: Chart) => {
    await turns.offer();
    const svg = drawn.get(chart) ?? (await svgOf(chart.spec));
    drawn.set(chart, svg);
    return svg;
  };
  for (const picture of opening) await draw(picture);
  return {
    markdown: markdownOf(TITLE, head, opening, sections),
    html: await htmlOf(TITLE, head, opening, sections, draw),
    pictures: opening.map((picture) => ({ path: picture.path, svg: `${drawn.get(picture)!}\n` })),
    charts: [...drawn].map(([{ title }, svg]) => ({ title, svg })),
  };
}

function headOf({ datasets, runs }: ExperimentResults): string[] {
  const rows = new Set(runs.map(({ job }) => jobKey({ ...job, seed: 0 })));
  const compared = runs.flatMap(({ result }) => result.contest?.compared ?? []);
  return [
    ...datasets.map(datasetLine),
    `${runs.length} runs, ${rows.size} rows of one model under one protocol; mean ± sample sd over seeds; a seed decides split, initialisation and training`,
    ...(compared.length > 0
      ? [
          `auto chooses by validation among ${range(compared)} settings, epochs and weights a run; its test items are looked at once, after the choice`,
        ]
      : []),
    'gains are over xavier of the same model, of LightGCN for models without initialisations, on the same splits; intervals: 95 % bootstrap over users; * leaves out 0; no correction for how many rows are compared: of 20 rows without any gain one leaves out 0 by chance; sign p: sign test over seeds, at least .0625 with 5',
  ];
}

function datasetLine({ name, users, items, interactions, vectors, origins }: DatasetRecord): string {
  const parts = vectors.map((vector, n) => {
    const missing = vector.itemsWithout > 0 ? `, ${vector.itemsWithout} items without` : '';
    const found = vector.origins ?? (n === 0 ? origins : null);
    const counts = Object.entries(found ?? {}).map(([kind, count]) => `${kind} ${count}`);
    const origin = counts.length > 0 ? `, origin: ${counts.join(', ')}` : '';
    return `${vector.name} (${vector.width} wide${missing}${origin})`;
  });
  const known = knownDataset(name)?.published;
  const published = known ? ` (published: ${countsText(known)})` : '';
  return `${name}: ${countsText({ users, items, interactions })}${published}; vectors ${parts.join('; ')}`;
}

function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${least}` : `${least} to ${most}`;
}
