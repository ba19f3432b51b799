import { AllocationExplainQuery, AllocationExplanation } from '../../../contracts/allocation-explain.ts';
import { wholeNumberOr } from '../../../contracts/numbers.ts';
import { createExplanationAsk } from '../../allocations/explain-ask.ts';
import type { ServerDeps } from '../../dependencies.ts';
import { Note, noteOf } from '../bounds.ts';
import { type Column, headline, moneyText, paragraphs, tableText } from '../text.ts';
import { defineTool, type Tool } from '../tool.ts';

/** Ledger rows, and raw samples of each kind: each is long. */
const ROWS_MAX = 50;
const ROWS_DEFAULT = 10;
const SAMPLES_DEFAULT = 5;

type Row = AllocationExplanation['rows'][number];

const COLUMNS: readonly Column<Row>[] = [
  { title: 'hour', cell: (row) => row.hour },
  { title: 'cluster', cell: (row) => row.cluster },
  { title: 'node', cell: (row) => row.node },
  { title: 'namespace', cell: (row) => row.namespace },
  { title: 'pod/container', cell: (row) => [row.pod, row.container].filter((name) => name !== '').join('/') },
  { title: 'CPU', cell: ({ cpu }) => cpu.arithmetic },
  { title: 'memory', cell: ({ ram }) => ram.arithmetic },
  { title: 'total', cell: (row) => moneyText(row.total) },
];

export function explainCostTool(deps: Pick<ServerDeps, 'explanations' | 'clock'>): Tool {
  const ask = createExplanationAsk(deps);
  return defineTool({
    name: 'explain_cost',
    title: 'Where a number comes from',
    description: `From one cost back to what it was made of: the priced hours of single containers, the arithmetic of each (what it held × what its node cost ÷ what the node had), the price versions, which source reported the hour, and raw samples. Name the row as get_allocations does: cluster, namespace, controller, pod …; namespace __idle__ explains idle. At most 31 days, and ${ROWS_DEFAULT} hours of containers unless limit says otherwise.

Example: {"window":"2026-03-03T09:00:00Z,2026-03-03T10:00:00Z","cluster":"east","namespace":"shop","pod":"web-1"}`,
    input: AllocationExplainQuery.extend({
      limit: wholeNumberOr({ min: 1, max: ROWS_MAX, absent: ROWS_DEFAULT }).describe('Hours of containers to explain'),
      samples: wholeNumberOr({ min: 0, max: ROWS_MAX, absent: SAMPLES_DEFAULT }).describe('Raw rows of each kind'),
    }),
    output: AllocationExplanation.extend({ note: Note }),
    async answer(query, { principal, signal }) {
      const answer = await ask(query, principal, signal);
      const shown = answer.rows.length;
      const note = noteOf({ total: answer.rows_total, shown, offset: query.offset });
      const whole = `All ${answer.rows_total} of them cost ${moneyText(answer.total.total)} ${answer.currency}.`;
      return {
        structured: { ...answer, note },
        text: paragraphs(headline(answer), whole, tableText(answer.rows, COLUMNS), note),
      };
    },
  });
}
