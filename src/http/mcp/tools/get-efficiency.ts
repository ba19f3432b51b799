import { type Allocation, AllocationAnswer, AllocationQuery } from '../../../contracts/allocations.ts';
import { type AllocationDeps, boundedAllocations } from '../allocation-set.ts';
import { Note, RowLimit } from '../bounds.ts';
import { amountText, type Column, headline, moneyText, paragraphs, percentText, tableText } from '../text.ts';
import { defineTool, type Tool } from '../tool.ts';

const GIB = 2 ** 30;

const COLUMNS: readonly Column<Allocation>[] = [
  { title: 'name', cell: (row) => row.name },
  { title: 'cost', cell: (row) => moneyText(row.cost.total) },
  { title: 'efficiency', cell: (row) => percentText(row.efficiency.total) },
  { title: 'CPU requested, core-h', cell: (row) => amountText(row.cpu_request_core_hours) },
  { title: 'CPU used, core-h', cell: (row) => amountText(row.cpu_usage_core_hours) },
  { title: 'CPU', cell: (row) => percentText(row.efficiency.cpu) },
  { title: 'memory requested, GiB-h', cell: (row) => amountText(row.ram_request_byte_hours / GIB) },
  { title: 'memory used, GiB-h', cell: (row) => amountText(row.ram_usage_byte_hours / GIB) },
  { title: 'memory', cell: (row) => percentText(row.efficiency.ram) },
];

/** The question of allocations, without idle, and shown by what was used of what was asked for. */
export function getEfficiencyTool(deps: AllocationDeps): Tool {
  const input = AllocationQuery.pick({
    window: true,
    zone: true,
    filter: true,
    sort: true,
    offset: true,
    currency: true,
  }).extend({
    aggregate: AllocationQuery.shape.aggregate.unwrap().default('namespace,controller'),
    limit: RowLimit,
  });
  return defineTool({
    name: 'get_efficiency',
    title: 'How much of what was asked for was used',
    description: `CPU and memory that workloads requested against what they used, by controller within its namespace unless aggregate says otherwise; dearest first. Efficiency is usage ÷ request: 20 % means that four fifths of the request were for nothing, above 100 % that more was used than asked for. The total is weighted by cost.

Examples: {"window":"7d"}; {"window":"24h","aggregate":"namespace","filter":"cluster:\\"east\\""}. What to request instead is told by get_recommendations.`,
    input,
    output: AllocationAnswer.extend({ note: Note }),
    async answer(query, caller) {
      const question = { ...AllocationQuery.parse({ idle: 'hide' }), ...query };
      const answer = await boundedAllocations(deps, question, caller);
      const rows = answer.sets.flatMap(({ allocations }) => allocations);
      return { structured: answer, text: paragraphs(headline(answer), tableText(rows, COLUMNS), answer.note) };
    },
  });
}
