import { stringify } from 'yaml';
import type { Report } from '../report/report.ts';

/** The answer as the API gives it: exact amounts are quoted text. */
export function formatYaml({ answer }: Report): string {
  return stringify(answer, { lineWidth: 0 });
}
