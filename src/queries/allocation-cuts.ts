import { z } from 'zod';
import { type Amounts, amountsBy, NO_AMOUNTS, NO_TRAFFIC, type TrafficCosts } from '../core/allocation/amounts.ts';
import { type Costs, NO_COSTS } from '../core/allocation/costs.ts';
import type { Part } from '../core/allocation/pool.ts';
import { SECOND_MS } from '../lib/clock.ts';
import { addMoney, parseMoney, ZERO } from '../lib/money.ts';
import type { Columns } from '../store/columnar/typed-columns.ts';

const PARTS = ['asked', 'shared', 'other'] as const;
const ALLOCATED = ['allocation', 'idle', 'overcommit'] as const;

/** What allocations.sql returns: cuts of one set or several, by column, for there may be very many. */
export const CONTAINER_CUTS = {
  set_s: 'number',
  cluster: 'text',
  /** A node, where idle is measured by node. */
  place: 'text',
  kind: ALLOCATED,
  part: PARTS,
  keys: 'texts',
  common_namespace: 'text',
  common_controller_kind: 'text',
  common_controller: 'text',
  labels: 'textMap',
  annotations: 'textMap',
  first_s: 'number',
  last_s: 'number',
  first_gap_ms: 'number',
  last_run_ms: 'number',
  cpu_peak_millicores: 'number',
  ram_peak_bytes: 'number',
  cpu_core_seconds: 'number',
  cpu_request_core_seconds: 'number',
  cpu_usage_core_seconds: 'number',
  ram_byte_seconds: 'number',
  ram_request_byte_seconds: 'number',
  ram_usage_byte_seconds: 'number',
  gpu_seconds: 'number',
  gpu_request_seconds: 'number',
  gpu_usage_seconds: 'number',
  network_received_bytes: 'number',
  network_sent_bytes: 'number',
  cpu_cost: 'text',
  ram_cost: 'text',
  gpu_cost: 'text',
  network_cross_zone_cost: 'text',
  network_cross_region_cost: 'text',
  network_internet_cost: 'text',
  external_cost: 'text',
  cpu_cost_adjustment: 'text',
  ram_cost_adjustment: 'text',
  gpu_cost_adjustment: 'text',
  network_cost_adjustment: 'text',
} as const;

export type ContainerColumns = Columns<typeof CONTAINER_CUTS>;
type ContainerColumn = keyof typeof CONTAINER_CUTS;
/** Columns of amounts of money, and of other numbers. */
type NumberColumn = {
  [C in ContainerColumn]: (typeof CONTAINER_CUTS)[C] extends 'number' ? C : never;
}[ContainerColumn];
type TextColumn = { [C in ContainerColumn]: (typeof CONTAINER_CUTS)[C] extends 'text' ? C : never }[ContainerColumn];

const texts = z.record(z.string(), z.string());

/** What allocation-attachments.sql returns: a cut of what is paid for beside nodes. */
export const AttachmentCut = z.object({
  set_s: z.number(),
  cluster: z.string(),
  part: z.enum(PARTS),
  keys: z.array(z.string()),
  common_namespace: z.string(),
  common_controller_kind: z.string(),
  common_controller: z.string(),
  labels: texts,
  annotations: texts,
  first_s: z.number(),
  last_s: z.number(),
  what: z.enum(['volume', 'balancer', 'management']),
  /** Of a volume, or of a namespace and a service with a slash, where that is asked. */
  name: z.string(),
  /** A provider's id, or an address. */
  address: z.string(),
  run_ms: z.number(),
  byte_seconds: z.number(),
  cost: z.string(),
  cost_adjustment: z.string(),
});
export type AttachmentCut = z.infer<typeof AttachmentCut>;

/** A cut of either kind, as rows are made of them. */
export interface LedgerCut {
  readonly setMs: number;
  readonly kind: 'allocation' | 'idle' | 'overcommit' | 'management';
  readonly cluster: string;
  readonly place: string;
  readonly part: Part;
  readonly keys: readonly string[];
  readonly namespace: string;
  readonly controllerKind: string;
  readonly controller: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly firstMs: number;
  readonly lastMs: number;
  /** How long into its first hour it began, and how far into its last it ran, where containers tell. */
  readonly ran: { readonly gapMs: number; readonly lastMs: number } | null;
  readonly amounts: Amounts;
  readonly costs: Costs;
  readonly adjustments: Costs;
  readonly traffic: TrafficCosts;
  readonly peaks: { readonly cpuCores: number; readonly ramBytes: number } | null;
  readonly attachment: Attachment | null;
}

export interface Attachment {
  readonly what: AttachmentCut['what'];
  readonly name: string;
  readonly address: string;
  readonly seconds: number;
}

export function ofContainers({ length, of }: ContainerColumns): LedgerCut[] {
  return Array.from({ length }, (_, at) => containerCut(of, at));
}

function containerCut(of: ContainerColumns['of'], at: number): LedgerCut {
  const number = (column: NumberColumn) => of[column][at] ?? 0;
  const text = (column: TextColumn) => of[column][at] ?? '';
  const traffic = trafficOf(text);
  return {
    setMs: number('set_s') * SECOND_MS,
    cluster: text('cluster'),
    part: of.part[at] ?? 'other',
    keys: of.keys[at] ?? [],
    namespace: text('common_namespace'),
    controllerKind: text('common_controller_kind'),
    controller: text('common_controller'),
    labels: of.labels[at] ?? {},
    annotations: of.annotations[at] ?? {},
    firstMs: number('first_s') * SECOND_MS,
    lastMs: number('last_s') * SECOND_MS,
    kind: of.kind[at] ?? 'allocation',
    place: text('place'),
    ran: { gapMs: number('first_gap_ms'), lastMs: number('last_run_ms') },
    amounts: amountsOf(number),
    costs: {
      cpu: parseMoney(text('cpu_cost')),
      ram: parseMoney(text('ram_cost')),
      gpu: parseMoney(text('gpu_cost')),
      pv: ZERO,
      network: addMoney(addMoney(traffic.crossZone, traffic.crossRegion), traffic.internet),
      loadBalancer: ZERO,
      external: parseMoney(text('external_cost')),
      management: ZERO,
    },
    adjustments: adjustmentsOf(text),
    traffic,
    peaks: { cpuCores: number('cpu_peak_millicores') / 1_000, ramBytes: number('ram_peak_bytes') },
    attachment: null,
  };
}

/** Most rows have none, and share one. */
function trafficOf(text: (column: TextColumn) => string): TrafficCosts {
  const crossZone = parseMoney(text('network_cross_zone_cost'));
  const crossRegion = parseMoney(text('network_cross_region_cost'));
  const internet = parseMoney(text('network_internet_cost'));
  const isNone = crossZone === ZERO && crossRegion === ZERO && internet === ZERO;
  return isNone ? NO_TRAFFIC : { crossZone, crossRegion, internet };
}

/** Likewise. */
function adjustmentsOf(text: (column: TextColumn) => string): Costs {
  const cpu = parseMoney(text('cpu_cost_adjustment'));
  const ram = parseMoney(text('ram_cost_adjustment'));
  const gpu = parseMoney(text('gpu_cost_adjustment'));
  const network = parseMoney(text('network_cost_adjustment'));
  const isNone = cpu === ZERO && ram === ZERO && gpu === ZERO && network === ZERO;
  return isNone ? NO_COSTS : { ...NO_COSTS, cpu, ram, gpu, network };
}

const RESOURCE_OF = { volume: 'pv', balancer: 'loadBalancer', management: 'management' } as const;

export function ofAttachments(row: AttachmentCut): LedgerCut {
  const resource = RESOURCE_OF[row.what];
  return {
    ...common(row),
    kind: row.what === 'management' ? 'management' : 'allocation',
    place: '',
    ran: null,
    amounts: { ...NO_AMOUNTS, pvByteSeconds: row.byte_seconds },
    costs: { ...NO_COSTS, [resource]: parseMoney(row.cost) },
    adjustments: { ...NO_COSTS, [resource]: parseMoney(row.cost_adjustment) },
    traffic: NO_TRAFFIC,
    peaks: null,
    attachment: { what: row.what, name: row.name, address: row.address, seconds: row.run_ms / SECOND_MS },
  };
}

function common(row: AttachmentCut) {
  return {
    setMs: row.set_s * SECOND_MS,
    cluster: row.cluster,
    part: row.part,
    keys: row.keys,
    namespace: row.common_namespace,
    controllerKind: row.common_controller_kind,
    controller: row.common_controller,
    labels: row.labels,
    annotations: row.annotations,
    firstMs: row.first_s * SECOND_MS,
    lastMs: row.last_s * SECOND_MS,
  };
}

const AMOUNT_COLUMNS = {
  cpuCoreSeconds: 'cpu_core_seconds',
  cpuRequestCoreSeconds: 'cpu_request_core_seconds',
  cpuUsageCoreSeconds: 'cpu_usage_core_seconds',
  ramByteSeconds: 'ram_byte_seconds',
  ramRequestByteSeconds: 'ram_request_byte_seconds',
  ramUsageByteSeconds: 'ram_usage_byte_seconds',
  gpuSeconds: 'gpu_seconds',
  gpuRequestSeconds: 'gpu_request_seconds',
  gpuUsageSeconds: 'gpu_usage_seconds',
  networkReceivedBytes: 'network_received_bytes',
  networkSentBytes: 'network_sent_bytes',
  pvByteSeconds: null,
} as const satisfies Record<keyof Amounts, NumberColumn | null>;

function amountsOf(number: (column: NumberColumn) => number): Amounts {
  return amountsBy((name) => {
    const column = AMOUNT_COLUMNS[name];
    return column === null ? 0 : number(column);
  });
}
