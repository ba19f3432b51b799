import { type Recommendation, RecommendationAnswer, RecommendationQuery } from '../../../contracts/recommendations.ts';
import type { ServerDeps } from '../../dependencies.ts';
import { createRecommendationAsk } from '../../recommendations/ask.ts';
import { Note, noteOf, RowLimit } from '../bounds.ts';
import { amountText, type Column, headline, moneyText, paragraphs, tableText } from '../text.ts';
import { defineTool, type Tool } from '../tool.ts';

const MIB = 2 ** 20;

const COLUMNS: readonly Column<Recommendation>[] = [
  { title: 'cluster', cell: (row) => row.cluster },
  { title: 'namespace', cell: (row) => row.namespace },
  { title: 'workload', cell: (row) => `${row.controller_kind}/${row.controller}` },
  { title: 'container', cell: (row) => row.container || '(all)' },
  { title: 'saves $ a month', cell: (row) => moneyText(row.monthly_savings) },
  { title: 'CPU request, m', cell: ({ cpu }) => changeText(cpu.request_millicores, cpu.recommended_millicores) },
  { title: 'CPU peak, m', cell: ({ cpu }) => amountText(cpu.usage_max_millicores) },
  {
    title: 'memory request, MiB',
    cell: ({ ram }) =>
      changeText(ram.request_bytes / MIB, ram.recommended_bytes === null ? null : ram.recommended_bytes / MIB),
  },
  { title: 'memory peak, MiB', cell: ({ ram }) => amountText(ram.usage_max_bytes / MIB) },
  { title: 'replicas', cell: ({ evidence }) => amountText(evidence.replicas) },
  { title: 'hours seen', cell: ({ evidence }) => String(evidence.observed_hours) },
];

export function getRecommendationsTool(deps: Pick<ServerDeps, 'recommendations' | 'clock'>): Tool {
  const ask = createRecommendationAsk(deps);
  return defineTool({
    name: 'get_recommendations',
    title: 'Which requests to set, and what that saves',
    description: `For each container of each workload: the CPU and memory request that its peak in the window speaks for, what it asks for now, and what a month of the change saves (730 hours, US dollars, all replicas; negative where it should ask for more). The peak of any replica ÷ target utilization (0.7) is advised, memory never below its peak. Greatest savings first. Workloads seen for less than 24 hours, or gone, get no advice and are listed in left_out. Savings are real only when the freed capacity is used by others or a node goes.

Examples: {"window":"14d"}; {"filter":"namespace:\\"shop\\"","targetCPUUtilization":0.8,"limit":10}`,
    input: RecommendationQuery.extend({ limit: RowLimit }),
    output: RecommendationAnswer.extend({ note: Note }),
    async answer(query, { principal, signal }) {
      const answer = await ask(query, principal, signal);
      const { recommendations, pagination, left_out: leftOut } = answer;
      const note = noteOf({ total: pagination.total, shown: recommendations.length, offset: query.offset });
      const silent =
        leftOut.total === 0 ? null : `There is no advice on ${leftOut.total} more containers; left_out says why.`;
      const whole = `All advice together: ${moneyText(answer.total_monthly_savings)} ${answer.currency} saved a month (negative: it costs more).`;
      return {
        structured: { ...answer, note },
        text: paragraphs(headline(answer), whole, tableText(recommendations, COLUMNS), silent, note),
      };
    },
  });
}

function changeText(now: number, recommended: number | null): string {
  return `${amountText(now)} → ${recommended === null ? 'unknown' : amountText(recommended)}`;
}
