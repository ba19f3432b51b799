import { type Allocation, AllocationAnswer, AllocationCost, AllocationQuery } from '../../../contracts/allocations.ts';
import { type AllocationDeps, boundedAllocations } from '../allocation-set.ts';
import { Note, RowLimit } from '../bounds.ts';
import { type Column, headline, moneyText, paragraphs, percentText, tableText } from '../text.ts';
import { defineTool, type Tool } from '../tool.ts';

const COSTS = AllocationCost.omit({ total: true }).keyof().options;

export function getAllocationsTool(deps: AllocationDeps): Tool {
  return defineTool({
    name: 'get_allocations',
    title: 'Who used what, and what it cost',
    description: `Costs of a window by any keys: namespace (when not given), cluster, node, controller, pod, container, label:<name>, several with commas, or all. Amounts are over the window unless costMetric says otherwise, in US dollars unless currency does (by the rates that the tenant has given).

Idle capacity is a row of its own; idle=share splits it over the others, idle=hide leaves it out. shareNamespaces=kube-system lets the others bear a namespace. step=1d or accumulate=month cuts the window into sets; top=5 keeps the five dearest and folds the rest.

Examples: {"window":"lastmonth","aggregate":"cluster,namespace"}; {"window":"7d","aggregate":"label:team","idle":"share"}; {"window":"30d","accumulate":"week","filter":"namespace:\\"shop\\"","aggregate":"controller","top":5}`,
    input: AllocationQuery.extend({ limit: RowLimit }),
    output: AllocationAnswer.extend({ note: Note }),
    async answer(query, caller) {
      const answer = await boundedAllocations(deps, query, caller);
      const tables = answer.sets.map(({ start, end, total, allocations }) =>
        paragraphs(
          `${start} to ${end}: ${moneyText(total.total)} in all`,
          tableText(allocations, columnsOf(allocations)),
        ),
      );
      const whole = `All together: ${moneyText(answer.total.total)} ${answer.currency} (${answer.cost_metric})`;
      return { structured: answer, text: paragraphs(headline(answer), whole, ...tables, answer.note) };
    },
  });
}

/** Kinds of cost that no row has are left out. */
function columnsOf(rows: readonly Allocation[]): Column<Allocation>[] {
  const known = COSTS.filter((cost) => rows.some((row) => row.cost[cost] !== '0'));
  return [
    { title: 'name', cell: (row) => row.name },
    { title: 'total', cell: (row) => moneyText(row.cost.total) },
    ...known.map((cost) => ({ title: cost, cell: (row: Allocation) => moneyText(row.cost[cost]) })),
    { title: 'efficiency', cell: (row) => percentText(row.efficiency.total) },
  ];
}
