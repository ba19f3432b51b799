import { z } from 'zod';
import { type Amounts, amountsBy, NO_AMOUNTS, NO_TRAFFIC, type TrafficCosts } from '../core/allocation/amounts.ts';
import { type Costs, NO_COSTS } from '../core/allocation/costs.ts';
import type { Part } from '../core/allocation/pool.ts';
import { SECOND_MS } from '../lib/clock.ts';
import { addMoney, parseMoney } from '../lib/money.ts';

const texts = z.record(z.string(), z.string());
const Cut = z.object({
  set_s: z.number(),
  cluster: z.string(),
  part: z.enum(['asked', 'shared', 'other']),
  keys: z.array(z.string()),
  common_namespace: z.string(),
  common_controller_kind: z.string(),
  common_controller: z.string(),
  labels: texts,
  annotations: texts,
  first_s: z.number(),
  last_s: z.number(),
});

/** What allocations.sql returns: a cut of one set. */
export const ContainerCut = z.object({
  ...Cut.shape,
  /** A node, where idle is measured by node. */
  place: z.string(),
  kind: z.enum(['allocation', 'idle', 'overcommit']),
  first_gap_ms: z.number(),
  last_run_ms: z.number(),
  cpu_peak_millicores: z.number(),
  ram_peak_bytes: z.number(),
  cpu_core_seconds: z.number(),
  cpu_request_core_seconds: z.number(),
  cpu_usage_core_seconds: z.number(),
  ram_byte_seconds: z.number(),
  ram_request_byte_seconds: z.number(),
  ram_usage_byte_seconds: z.number(),
  gpu_seconds: z.number(),
  gpu_request_seconds: z.number(),
  gpu_usage_seconds: z.number(),
  network_received_bytes: z.number(),
  network_sent_bytes: z.number(),
  cpu_cost: z.string(),
  ram_cost: z.string(),
  gpu_cost: z.string(),
  network_cross_zone_cost: z.string(),
  network_cross_region_cost: z.string(),
  network_internet_cost: z.string(),
  external_cost: z.string(),
  cpu_cost_adjustment: z.string(),
  ram_cost_adjustment: z.string(),
  gpu_cost_adjustment: z.string(),
  network_cost_adjustment: z.string(),
});
export type ContainerCut = z.infer<typeof ContainerCut>;

/** What allocation-attachments.sql returns: a cut of what is paid for beside nodes. */
export const AttachmentCut = z.object({
  ...Cut.shape,
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

export function ofContainers(row: ContainerCut): LedgerCut {
  const traffic = {
    crossZone: parseMoney(row.network_cross_zone_cost),
    crossRegion: parseMoney(row.network_cross_region_cost),
    internet: parseMoney(row.network_internet_cost),
  };
  const network = addMoney(addMoney(traffic.crossZone, traffic.crossRegion), traffic.internet);
  return {
    ...common(row),
    kind: row.kind,
    place: row.place,
    ran: { gapMs: row.first_gap_ms, lastMs: row.last_run_ms },
    amounts: amountsOf(row),
    costs: {
      ...NO_COSTS,
      cpu: parseMoney(row.cpu_cost),
      ram: parseMoney(row.ram_cost),
      gpu: parseMoney(row.gpu_cost),
      network,
      external: parseMoney(row.external_cost),
    },
    adjustments: {
      ...NO_COSTS,
      cpu: parseMoney(row.cpu_cost_adjustment),
      ram: parseMoney(row.ram_cost_adjustment),
      gpu: parseMoney(row.gpu_cost_adjustment),
      network: parseMoney(row.network_cost_adjustment),
    },
    traffic,
    peaks: { cpuCores: row.cpu_peak_millicores / 1_000, ramBytes: row.ram_peak_bytes },
    attachment: null,
  };
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

function common(row: z.infer<typeof Cut>) {
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
} as const satisfies Record<keyof Amounts, keyof ContainerCut | null>;

function amountsOf(row: ContainerCut): Amounts {
  return amountsBy((name) => {
    const column = AMOUNT_COLUMNS[name];
    return column === null ? 0 : row[column];
  });
}
