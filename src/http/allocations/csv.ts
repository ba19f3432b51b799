import type { AllocationAnswer } from '../../contracts/allocations.ts';
import { csvCell } from '../../lib/csv.ts';

const AMOUNTS = [
  'cpu_core_hours',
  'cpu_request_core_hours',
  'cpu_usage_core_hours',
  'ram_byte_hours',
  'ram_request_byte_hours',
  'ram_usage_byte_hours',
  'network_received_bytes',
  'network_sent_bytes',
] as const;
const COSTS = ['cpu', 'ram', 'gpu', 'pv', 'network', 'load_balancer', 'idle', 'shared', 'total'] as const;

/** One line for each row of each set, with the costs as exact as they are. */
export function allocationCsv({ aggregate, sets }: AllocationAnswer): string {
  const header = [
    'set_start',
    'set_end',
    'name',
    'kind',
    ...aggregate,
    ...AMOUNTS,
    ...COSTS.map((cost) => `${cost}_cost`),
  ];
  const lines = sets.flatMap(({ start, end, allocations }) =>
    allocations.map((row) => [
      start,
      end,
      row.name,
      row.kind,
      ...aggregate.map((key) => row.keys[key] ?? ''),
      ...AMOUNTS.map((amount) => row[amount]),
      ...COSTS.map((cost) => row.cost[cost]),
    ]),
  );
  return [header, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}
