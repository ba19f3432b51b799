import type { Report } from '../report/report.ts';

/** The answer as the API gives it: exact amounts are text. */
export function formatJson({ answer }: Report): string {
  return `${JSON.stringify(answer, null, 2)}\n`;
}
