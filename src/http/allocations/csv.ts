import { csvCell } from '../../lib/csv.ts';
import { textChunks } from '../../lib/text-chunks.ts';
import type { FoundAllocations } from '../../queries/allocations.ts';
import { type AnswerContext, iso, rowReply } from './answer.ts';
import { type ArrangedSet, arrange } from './arrange.ts';
import { keyName } from './row-names.ts';

export const CSV_MEDIA_TYPE = 'text/csv; charset=utf-8';

/** Columns of amounts, in the order of files. */
export const AMOUNTS = [
  'cpu_core_hours',
  'cpu_request_core_hours',
  'cpu_usage_core_hours',
  'ram_byte_hours',
  'ram_request_byte_hours',
  'ram_usage_byte_hours',
  'gpu_hours',
  'gpu_request_hours',
  'gpu_usage_hours',
  'pv_byte_hours',
  'network_received_bytes',
  'network_sent_bytes',
] as const;
/** Parts of a cost, likewise. */
export const COSTS = [
  'cpu',
  'ram',
  'gpu',
  'pv',
  'network',
  'load_balancer',
  'external',
  'management',
  'idle',
  'shared',
  'total',
] as const;

/** One line for each row of each set, with the costs as exact as they are. Lines are made when they are written. */
export function allocationCsv(allocations: FoundAllocations, context: AnswerContext): () => AsyncIterable<string> {
  const names = context.keys.map(keyName);
  const { sets } = arrange(allocations.sets, context);
  const costs = COSTS.map((cost) => `${cost}_cost`);
  const header = ['set_start', 'set_end', 'name', 'kind', ...names, ...AMOUNTS, ...costs, 'currency'];
  const lines = function* ({ window, page }: ArrangedSet) {
    const [start, end] = [iso(window.start), iso(window.end)];
    for (const row of page) {
      const shown = rowReply(row, names);
      yield line([
        start,
        end,
        shown.name,
        shown.kind,
        ...names.map((name) => shown.keys[name] ?? ''),
        ...AMOUNTS.map((amount) => shown[amount]),
        ...COSTS.map((cost) => shown.cost[cost]),
        allocations.currency,
      ]);
    }
  };
  return async function* () {
    yield line(header);
    for await (const set of sets) yield* textChunks(lines(set));
  };
}

function line(cells: readonly (string | number)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}
