import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../../../node.ts';

/** A chart as a picture. */
export interface DrawnChart {
  readonly title: string;
  readonly svg: string;
}

/** Draws a Vega-Lite specification. Vega is loaded with the first chart: no other command pays for it. */
export async function svgOf(spec: object): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const compiled = vegaLite.compile(spec as Parameters<typeof vegaLite.compile>[0]).spec;
  return new vega.View(vega.parse(compiled), { renderer: 'none' }).toSVG();
}

/** Writes charts into a folder, which is made, each in a file named after its title. @returns the files' paths */
export async function writeCharts(folder: string, charts: readonly DrawnChart[]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names = new Map<string, number>();
  const paths: string[] = [];
  for (const { title, svg } of charts) {
    const name = nameOf(title);
    const times = (names.get(name) ?? 0) + 1;
    names.set(name, times);
    const path = join(folder, `${name}${times === 1 ? '' : `-${times}`}.svg`);
    await writeAtomic(path, new TextEncoder().encode(`${svg}\n`));
    paths.push(path);
  }
  return paths;
}

/** A title as the name of a file. */
function nameOf(title: string): string {
  const words = title.toLowerCase().replace(/[^\p{L}\p{N}@]+/gu, '-');
  return words.replace(/^-+|-+$/g, '').slice(0, 80) || 'chart';
}
