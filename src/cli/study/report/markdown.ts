import { markdownText } from '../../printable.ts';
import type { Picture, ReportTable, Section } from './section.ts';

/** A report as Markdown. */
export function markdownOf(
  title: string,
  head: readonly string[],
  opening: readonly Picture[],
  sections: readonly Section[],
): string {
  const pictures = opening.map(({ title, path }) => `${markdownText(title)}\n\n![](${path})`);
  const parts = sections.flatMap((section) => [
    `## ${markdownText(section.title)}`,
    ...section.notes.map(markdownText),
    ...section.tables.flatMap((table) => [`**${markdownText(table.caption)}**`, tableOf(table)]),
  ]);
  const facts = head.map((line) => `- ${markdownText(line)}`).join('\n');
  return `${[`# ${title}`, ...pictures, facts, ...parts].join('\n\n')}\n`;
}

function tableOf({ head, rows }: ReportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
