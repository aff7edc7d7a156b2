import type { Chart, Picture, ReportTable, Section } from './section.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0 0 1.5rem; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
th, td { padding: 0.15rem 0.6rem; border-bottom: 1px solid color-mix(in srgb, currentcolor 20%, transparent); text-align: left; }
figure { margin: 0 0 2rem; overflow-x: auto; }
figure svg { background: #fff; }
`;

/**
 * A report as one HTML file that loads nothing: charts are inline SVG, each with its Vega-Lite specification.
 * @param draw gives the SVG of a chart
 */
export async function htmlOf(
  title: string,
  head: readonly string[],
  opening: readonly Picture[],
  sections: readonly Section[],
  draw: (chart: Chart) => Promise<string>,
): Promise<string> {
  const parts: string[] = [];
  const pictures: string[] = [];
  for (const picture of opening) pictures.push(await figureOf(picture, draw));
  for (const section of sections) {
    parts.push(
      `<h2>${escaped(section.title)}</h2>`,
      ...section.notes.map((note) => `<p>${escaped(note)}</p>`),
    );
    parts.push(...section.tables.map(tableOf));
    for (const chart of section.charts) parts.push(await figureOf(chart, draw));
  }
  const facts = head.map((line) => `<li>${escaped(line)}</li>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
${pictures.join('\n')}
<ul>${facts}</ul>
${parts.join('\n')}
</body></html>
`;
}

function tableOf({ caption, head, rows }: ReportTable): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><caption>${escaped(caption)}</caption><thead>${row(head, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`;
}

async function figureOf(chart: Chart, draw: (chart: Chart) => Promise<string>): Promise<string> {
  const { title, spec } = chart;
  const json = JSON.stringify(spec).replaceAll('<', '\\u003c');
  return `<figure><figcaption>${escaped(title)}</figcaption>${await draw(chart)}<script type="application/json">${json}</script></figure>`;
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}
