import type { AllocationExplanation } from '../../contracts/allocation-explain.ts';
import { sumMoney } from '../../core/allocation/costs.ts';
import type { Window } from '../../core/coverage.ts';
import { RATE_KEYS } from '../../core/price-rates.ts';
import { MINUTE_MS } from '../../lib/clock.ts';
import { formatMoney, parseMoney, subtractMoney } from '../../lib/money.ts';
import type {
  ExplainedAttachment,
  ExplainedHour,
  ExplainedRow,
  ExplainedSamples,
  Explanation,
  LedgerTotal,
  ResourceName,
} from '../../queries/explain.ts';
import type { Arithmetic } from '../../queries/explain-arithmetic.ts';
import { iso } from './answer.ts';

interface ExplanationContext {
  readonly window: Window;
  readonly limit: number;
  readonly offset: number;
}

type Wire = AllocationExplanation;

/** The explanation as the API tells it, with the arithmetic of each cost written out. */
export function explanationReply(found: Explanation, { window, limit, offset }: ExplanationContext): Wire {
  const { rows, attachedRows } = found.total;
  return {
    start: iso(window.start),
    end: iso(window.end),
    currency: 'USD',
    coverage: found.coverage,
    total: totalReply(found.total),
    rows_total: rows,
    attachments_total: attachedRows,
    pagination: { limit, offset },
    rows: found.rows.map(rowReply),
    attachments: found.attached.map(attachmentReply),
    hours: found.hours.map(hourReply),
    prices: found.prices.map(priceReply),
    samples: found.samples.map(samplesReply),
  };
}

function totalReply({ cpu, ram, gpu, network, external, attached }: LedgerTotal): Wire['total'] {
  const { volume, balancer, management } = attached;
  return {
    cpu: formatMoney(cpu),
    ram: formatMoney(ram),
    gpu: formatMoney(gpu),
    pv: formatMoney(volume),
    network: formatMoney(network),
    load_balancer: formatMoney(balancer),
    external: formatMoney(external),
    management: formatMoney(management),
    total: formatMoney(sumMoney([cpu, ram, gpu, volume, network, balancer, external, management])),
  };
}

function attachmentReply(it: ExplainedAttachment): Wire['attachments'][number] {
  return {
    kind: it.kind,
    cluster: it.cluster,
    hour: iso(it.hour),
    namespace: it.namespace,
    pod: it.pod,
    name: it.name,
    storage_class: it.storageClass,
    minutes: it.runMs / MINUTE_MS,
    byte_seconds: it.byteSeconds.toString(),
    volume_byte_seconds: it.wholeByteSeconds.toString(),
    volume_cost: formatMoney(it.wholeCost),
    price_basis: it.priceBasis,
    price_version: it.priceVersion,
    source: it.source,
    arithmetic: attachmentText(it),
    cost: formatMoney(it.cost),
    adjustment: formatMoney(it.adjustment),
  };
}

/** The parts of a volume are cut from it one after another: of what is below 1e-12 dollars, each has some or none. */
function attachmentText({
  kind,
  priceBasis,
  byteSeconds,
  wholeByteSeconds,
  wholeCost,
  cost,
  runMs,
}: ExplainedAttachment): string {
  if (priceBasis === 'stated') return `as its source states = ${formatMoney(cost)}`;
  if (kind === 'volume') {
    return `${formatMoney(wholeCost)} × ${byteSeconds} ÷ ${wholeByteSeconds} = ${formatMoney(cost)}`;
  }
  return `${runMs / MINUTE_MS} of 60 minutes at its hourly price = ${formatMoney(cost)}`;
}

function rowReply(row: ExplainedRow): Wire['rows'][number] {
  const { cpu, ram, gpu } = row.arithmetic;
  return {
    cluster: row.cluster,
    hour: iso(row.hour),
    node: row.node,
    namespace: row.namespace,
    pod: row.pod,
    pod_uid: row.podUid,
    container: row.container,
    controller_kind: row.controllerKind,
    controller: row.controller,
    run_minutes: row.runMs / MINUTE_MS,
    source: row.source,
    price_version: row.priceVersion,
    on_node: row.onNode && {
      spot: row.onNode.spot,
      covered_minutes: row.onNode.coveredMs / MINUTE_MS,
      instance_type: row.onNode.instanceType,
      price_basis: row.onNode.priceBasis,
      reported_cost: formatMoney(row.onNode.reportedCost),
      discount: row.onNode.discount,
    },
    cpu: arithmeticReply('cpu', cpu),
    ram: arithmeticReply('ram', ram),
    gpu: arithmeticReply('gpu', gpu),
    network: formatMoney(row.network),
    external: formatMoney(row.external),
    adjustment: formatMoney(row.adjustment),
    total: formatMoney(sumMoney([cpu.cost, ram.cost, gpu.cost, row.network, row.external])),
  };
}

const UNITS = { cpu: 'core_seconds', ram: 'byte_seconds', gpu: 'gpu_seconds' } as const;

function arithmeticReply(resource: ResourceName, it: Arithmetic): Wire['rows'][number]['cpu'] {
  const amount = (quantity: bigint) => quantityText(resource, quantity);
  return {
    rule: it.rule,
    held: amount(it.held),
    requested: amount(it.requested),
    used: amount(it.used),
    unit: UNITS[resource],
    node_capacity: amount(it.capacity),
    node_cost: formatMoney(it.nodeCost),
    node_charged: formatMoney(it.charged),
    rate: formatMoney(it.rate),
    arithmetic: textOf(resource, it),
    computed: formatMoney(it.computed),
    cost: formatMoney(it.cost),
    is_same: it.computed === it.cost,
  };
}

/** The ledger cuts off what is below 1e-12 dollars; what is left over takes it. */
function textOf(resource: ResourceName, it: Arithmetic): string {
  const result = formatMoney(it.computed);
  const held = quantityText(resource, it.held);
  switch (it.rule) {
    case 'share':
      if (it.capacity === 0n) return `the node has none = ${result}`;
      return `${formatMoney(it.nodeCost)} × ${held} ÷ ${quantityText(resource, it.capacity)} = ${result}`;
    case 'rate':
      return `${held} ÷ ${resource === 'ram' ? '(2^30 × 3600)' : '3600'} × ${formatMoney(it.rate)} = ${result}`;
    case 'stated':
      return `as its source states = ${result}`;
    case 'remainder': {
      const left = formatMoney(subtractMoney(it.nodeCost, it.charged));
      const sum = `${formatMoney(it.nodeCost)} − ${formatMoney(it.charged)} = ${left}`;
      return left === result ? sum : `${sum}, which is not of this row: ${result}`;
    }
    default:
      return it.rule satisfies never;
  }
}

/** CPU and GPU time is counted in millionths of a second. */
function quantityText(resource: ResourceName, amount: bigint): string {
  return resource === 'ram' ? amount.toString() : formatMoney(parseMoney(`${amount}e-6`));
}

function hourReply(hour: ExplainedHour): Wire['hours'][number] {
  const reported = Object.entries(hour.reported).map(([source, ms]) => [source, ms / MINUTE_MS] as const);
  return {
    cluster: hour.cluster,
    hour: iso(hour.hour),
    source: hour.source,
    reported_minutes: Object.fromEntries(reported),
    covered_minutes: hour.coveredMs / MINUTE_MS,
    price_version: hour.priceVersion,
    computed_at: iso(hour.computedAt),
    management: formatMoney(hour.managementCost),
  };
}

function priceReply(price: Explanation['prices'][number]): Wire['prices'][number] {
  const names = new Map<string, string>(Object.entries(RATE_KEYS));
  const rates = Object.entries(price.rates).map(
    ([name, rate]) => [names.get(name) ?? name, formatMoney(rate)] as const,
  );
  return {
    id: price.id,
    effective_from: iso(price.effectiveFrom),
    created_at: iso(price.createdAt),
    base: price.base,
    note: price.note,
    rules: price.rules.length,
    rates: Object.fromEntries(rates),
  };
}

function samplesReply({ table, count, firstAt, lastAt, rows }: ExplainedSamples): Wire['samples'][number] {
  return {
    kind: table,
    count,
    first_at: firstAt === null ? null : iso(firstAt),
    last_at: lastAt === null ? null : iso(lastAt),
    rows: rows.map(({ at, receivedAt, ...row }) => ({ at: iso(at), received_at: iso(receivedAt), ...row })),
  };
}
