import { markdownText } from '../../printable.ts';
import type { ReportTable, Section } from './section.ts';

/** A report as Markdown. */
export function markdownOf(title: string, head: readonly string[], sections: readonly Section[]): string {
  const parts = sections.flatMap((section) => [
    `## ${markdownText(section.title)}`,
    ...section.notes.map(markdownText),
    ...section.tables.flatMap((table) => [`**${markdownText(table.caption)}**`, tableOf(table)]),
  ]);
  return `${[`# ${title}`, head.map((line) => `- ${markdownText(line)}`).join('\n'), ...parts].join('\n\n')}\n`;
}

function tableOf({ head, rows }: ReportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
