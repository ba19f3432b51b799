import type { Allocation, AllocationAnswer, AllocationQuery } from '../../contracts/allocations.ts';
import type { AggregateKey } from '../../core/aggregate/aggregate-keys.ts';
import { addCosts, addIdle, NO_COSTS, NO_IDLE, sumCosts, sumIdle } from '../../core/allocation/costs.ts';
import type { Shares } from '../../core/allocation/share.ts';
import { efficiency, totalEfficiency } from '../../core/efficiency.ts';
import { addMoney, formatMoney, moneyToNumber, ZERO } from '../../lib/money.ts';
import type { AllocationRow, Allocations } from '../../queries/allocations.ts';
import { keyName, rowName } from './row-names.ts';

const HOUR_S = 3_600;
const NO_SHARES: Shares = { costs: NO_COSTS, idle: NO_IDLE, shared: ZERO };

export interface AnswerContext {
  readonly keys: readonly AggregateKey[];
  readonly query: Pick<AllocationQuery, 'sort' | 'limit' | 'offset'>;
}

/** Answers as the native API gives them: exact amounts as decimal text. */
export function allocationAnswer({ sets, coverage }: Allocations, { keys, query }: AnswerContext): AllocationAnswer {
  const names = keys.map(keyName);
  const all = sets.map(({ rows }) => rows.reduce(addShares, NO_SHARES));
  return {
    start: iso(sets[0]?.window.start ?? 0),
    end: iso(sets.at(-1)?.window.end ?? 0),
    currency: 'USD',
    aggregate: names,
    coverage,
    total: costReply(all.reduce(addShares, NO_SHARES)),
    pagination: { limit: query.limit, offset: query.offset },
    sets: sets.map(({ window, rows }, index) => ({
      start: iso(window.start),
      end: iso(window.end),
      total: costReply(all[index] ?? NO_SHARES),
      rows: rows.length,
      allocations: inOrder(rows, query.sort)
        .slice(query.offset, query.offset + query.limit)
        .map((row) => rowReply(row, names)),
    })),
  };
}

function addShares(a: Shares, b: Shares): Shares {
  return { costs: addCosts(a.costs, b.costs), idle: addIdle(a.idle, b.idle), shared: addMoney(a.shared, b.shared) };
}

/** Everything that a row costs. */
export function totalOf({ costs, idle, shared }: Shares) {
  return addMoney(addMoney(sumCosts(costs), sumIdle(idle)), shared);
}

/** Rows of equal cost by name, so that pages never overlap. */
function inOrder(rows: readonly AllocationRow[], sort: AllocationQuery['sort']): AllocationRow[] {
  const known = rows.map((row) => ({ row, name: rowName(row), total: totalOf(row) }));
  const byName = (a: string, b: string) => (a < b ? -1 : Number(a > b));
  return known
    .toSorted((a, b) =>
      sort === 'cost' && a.total !== b.total ? (a.total < b.total ? 1 : -1) : byName(a.name, b.name),
    )
    .map(({ row }) => row);
}

function rowReply(row: AllocationRow, names: readonly string[]): Allocation {
  const { amounts } = row;
  return {
    name: rowName(row),
    kind: row.kind,
    keys: row.kind === 'allocation' ? Object.fromEntries(names.map((name, i) => [name, row.values[i] ?? ''])) : {},
    start: iso(row.start),
    end: iso(row.end),
    cpu_core_hours: amounts.cpuCoreSeconds / HOUR_S,
    cpu_request_core_hours: amounts.cpuRequestCoreSeconds / HOUR_S,
    cpu_usage_core_hours: amounts.cpuUsageCoreSeconds / HOUR_S,
    ram_byte_hours: amounts.ramByteSeconds / HOUR_S,
    ram_request_byte_hours: amounts.ramRequestByteSeconds / HOUR_S,
    ram_usage_byte_hours: amounts.ramUsageByteSeconds / HOUR_S,
    network_received_bytes: amounts.networkReceivedBytes,
    network_sent_bytes: amounts.networkSentBytes,
    efficiency: efficiencyOf(row),
    cost: costReply(row),
  };
}

/** `null` for what is nobody's: it has no efficiency. */
export function efficiencyOf({ kind, amounts, costs }: AllocationRow): Allocation['efficiency'] {
  if (kind !== 'allocation') return { cpu: null, ram: null, total: null };
  const cpu = {
    usage: amounts.cpuUsageCoreSeconds,
    request: amounts.cpuRequestCoreSeconds,
    cost: moneyToNumber(costs.cpu),
  };
  const ram = {
    usage: amounts.ramUsageByteSeconds,
    request: amounts.ramRequestByteSeconds,
    cost: moneyToNumber(costs.ram),
  };
  return { cpu: efficiency(cpu), ram: efficiency(ram), total: totalEfficiency(cpu, ram) };
}

function costReply(shares: Shares): Allocation['cost'] {
  const { costs } = shares;
  return {
    cpu: formatMoney(costs.cpu),
    ram: formatMoney(costs.ram),
    gpu: formatMoney(costs.gpu),
    pv: formatMoney(costs.pv),
    network: formatMoney(costs.network),
    load_balancer: formatMoney(costs.loadBalancer),
    idle: formatMoney(sumIdle(shares.idle)),
    shared: formatMoney(shares.shared),
    total: formatMoney(totalOf(shares)),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
