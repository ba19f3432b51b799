import { AllocationTimeseries, AllocationTimeseriesQuery } from '../../../contracts/allocation-views.ts';
import { wholeNumberOr } from '../../../contracts/numbers.ts';
import { timeseriesQuestionOf } from '../../allocations/read-query.ts';
import { timeseriesAnswer } from '../../allocations/timeseries.ts';
import type { ServerDeps } from '../../dependencies.ts';
import { Note, rowsOfEachSet, written } from '../bounds.ts';
import { type Column, headline, moneyText, paragraphs, percentText, tableText } from '../text.ts';
import { defineTool, type Tool } from '../tool.ts';

/** Series, so that steps × series stay within what a model can take in. */
const TOP_MAX = 20;
const TOP_DEFAULT = 5;

export function getTrendsTool({
  allocations,
  evidence,
  clock,
}: Pick<ServerDeps, 'allocations' | 'evidence' | 'clock'>): Tool {
  const top = wholeNumberOr({ min: 1, max: TOP_MAX, absent: TOP_DEFAULT }).describe(
    'The dearest of the whole window, each a series; the rest is one more, __other__',
  );
  return defineTool({
    name: 'get_trends',
    title: 'How costs changed over time',
    description: `Costs step by step, by the day of the last 7 days unless asked otherwise: step=1h or 7d, or accumulate=week or month by the calendar. One series for each of the top rows (by namespace unless aggregate says otherwise). A step that is null is not known; one whose coverage is below 100 % is not whole: do not take either for a fall in cost.

Examples: {"window":"30d"}; {"window":"lastmonth","accumulate":"week","aggregate":"cluster"}; {"window":"24h","step":"1h","filter":"namespace:\\"shop\\"","aggregate":"controller"}`,
    input: AllocationTimeseriesQuery.extend({ top }),
    output: AllocationTimeseries.extend({ note: Note }),
    async answer(query, { principal, signal }) {
      const now = clock.now();
      const question = timeseriesQuestionOf(query, principal, now);
      rowsOfEachSet(question.sets.length, 1);
      const [found, stepCoverage] = await Promise.all([
        allocations.sets(question, signal),
        evidence.coverageBySet(question, signal),
      ]);
      const context = { keys: question.keys, top: query.top, metric: query.costMetric, now, stepCoverage };
      const answer = await written(AllocationTimeseries, timeseriesAnswer(found, context));
      const rows = answer.steps.map((step, index) => ({ step, index }));
      const text = paragraphs(headline(answer), tableText(rows, columnsOf(answer)));
      return { structured: { ...answer, note: null }, text };
    },
  });
}

function columnsOf(answer: AllocationTimeseries): Column<{ step: string; index: number }>[] {
  const cell = (amount: string | null = null) => (amount === null ? 'unknown' : moneyText(amount));
  return [
    { title: 'from', cell: ({ step }) => step },
    { title: 'known', cell: ({ index }) => percentText(answer.step_coverage[index] ?? null) },
    { title: 'all', cell: ({ index }) => cell(answer.step_total[index]) },
    ...answer.series.map(({ name, cost }) => ({
      title: name.replaceAll(/[\p{C}\s|]+/gu, ' '),
      cell: ({ index }: { index: number }) => cell(cost[index]),
    })),
  ];
}
