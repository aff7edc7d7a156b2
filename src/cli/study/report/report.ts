import type { ExperimentName } from '../experiments.ts';
import type { StudyFile } from '../jobs.ts';
import { htmlOf } from './html.ts';
import { markdownOf } from './markdown.ts';
import { sectionsOf } from './sections.ts';

const TITLE = 'llminit: study of initialisations';

/** The report of a study, drawn from its runs alone: nothing is trained. */
export async function writeReport(
  study: StudyFile,
  experiments: readonly ExperimentName[],
): Promise<{ markdown: string; html: string }> {
  const sections = sectionsOf(study, experiments);
  const head = headOf(study);
  return {
    markdown: markdownOf(TITLE, head, sections),
    html: await htmlOf(TITLE, head, sections, svgOf),
  };
}

function headOf({ datasets, runs }: StudyFile): string[] {
  return [
    ...datasets.map(({ name, users, items, interactions, vectors, origins }) => {
      const parts = vectors.map(({ name: vector, width, itemsWithout }) => {
        const missing = itemsWithout > 0 ? `, ${itemsWithout} items without` : '';
        return `${vector} (${width} wide${missing})`;
      });
      const origin = origins
        ? `; origin of the vectors: ${Object.entries(origins)
            .map(([kind, count]) => `${kind} ${count}`)
            .join(', ')}`
        : '';
      return `${name}: ${users} users, ${items} items, ${interactions} interactions; vectors ${parts.join(', ')}${origin}`;
    }),
    `${runs.length} runs; mean ± sample sd over seeds; a seed decides split, initialisation and training`,
    'gains are paired with xavier of the same model, seed by seed; intervals: 95 % bootstrap over users, each with the mean of the differences over seeds; * leaves out 0; sign p: sign test over seeds, at least .0625 with 5',
  ];
}

/** Vega is loaded when a chart is drawn: no other command pays for it. */
async function svgOf(spec: object): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const compiled = vegaLite.compile(spec as Parameters<typeof vegaLite.compile>[0]).spec;
  return new vega.View(vega.parse(compiled), { renderer: 'none' }).toSVG();
}
