import type { Report } from '../report/report.ts';
import { formatCsv } from './csv.ts';
import { formatJson } from './json.ts';
import { formatTable } from './table.ts';
import { formatYaml } from './yaml.ts';

/** A report as text that ends in a line end. */
export type Format = (report: Report, style: Style) => string;

export interface Style {
  /** Whether the text goes to a terminal that shows colours. */
  readonly color: boolean;
}

/** The values of `--format`. */
export const FORMATS: Readonly<Record<string, Format>> = {
  table: formatTable,
  json: formatJson,
  yaml: formatYaml,
  csv: formatCsv,
};
