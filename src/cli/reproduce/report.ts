import type { StudyFile } from './study.ts';

export async function writeReport(
  study: StudyFile,
  experiments: readonly string[],
): Promise<{ markdown: string; html: string }> {
  return { markdown: `${experiments.join(', ')}: ${study.runs.length} runs\n`, html: '' };
}
