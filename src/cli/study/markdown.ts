import type { ReportTable, Section } from './sections.ts';

/** A report as Markdown. */
export function markdownOf(title: string, head: readonly string[], sections: readonly Section[]): string {
  const parts = sections.flatMap((section) => [
    `## ${section.title}`,
    ...section.notes,
    ...section.tables.flatMap((table) => [`**${table.caption}**`, tableOf(table)]),
  ]);
  return `${[`# ${title}`, head.map((line) => `- ${line}`).join('\n'), ...parts].join('\n\n')}\n`;
}

function tableOf({ head, rows }: ReportTable): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
